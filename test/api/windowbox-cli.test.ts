import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findRepository } from '../../src/platform/index.js';
import { testCommands } from '../helpers/command-suite.js';
import { dockerCommands } from '../helpers/docker-commands.js';
import { startTestDaemon } from '../helpers/test-daemon.js';

/**
 * Our own CLI is given the very commands that the official docker CLI is given in `docker-cli.test.ts`, and must print and exit the
 * same. As bundled, where it is: a bundle has its own ways to fail.
 */
const bundle = join(findRepository(), 'dist/bin/cli.js');
const cli = existsSync(bundle) ? bundle : join(findRepository(), 'dist/src/cli/main.js');

/** Of a swarm there is nothing here, so the CLI has no words for it; the API answers, which the docker CLI's test holds. */
const left = new Set(['a node outside of a swarm']);

testCommands({
  name: 'windowbox, as docker',
  client: [process.execPath, cli],
  skip: false,
  commands: Object.fromEntries(Object.entries(dockerCommands).filter(([name]) => !left.has(name))),
  start: startTestDaemon,
});
