import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findRepository } from '../../src/platform/index.js';
import { testCommands } from '../helpers/command-suite.js';
import { type DockerCommand, dockerCommands } from '../helpers/docker-commands.js';
import { runClient } from '../helpers/run-client.js';
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
  commands: Object.fromEntries(
    Object.entries(dockerCommands).flatMap(([name, commands]) =>
      left.has(name) ? [] : [[name, commands.map(asOurs)]],
    ),
  ),
  start: startTestDaemon,
});

/** Where our CLI prints something else than docker's, that is looked for, and nothing of docker's. */
function asOurs({ ours, out, err, golden, ...command }: DockerCommand): DockerCommand {
  if (ours !== undefined) return { ...command, ...ours };
  return {
    ...command,
    ...(out === undefined ? {} : { out }),
    ...(err === undefined ? {} : { err }),
    ...(golden === undefined ? {} : { golden }),
  };
}

test('templates of VMs have a line in system df, and those that fit no more go with system prune', async () => {
  const daemon = await startTestDaemon();
  const run = async (...args: string[]): Promise<string> =>
    (await runClient(process.execPath, [cli, '-H', daemon.host, ...args], { host: daemon.host })).stdout;
  try {
    assert.match(await run('system', 'df'), /^VM Templates +2 +1 +900MB +200MB \(22%\)$/mu);
    assert.match(
      await run('system', 'df', '-v'),
      /^aaaaaaaaaaaa +nanoserver 10\.0\.17763\.1 +1GiB +2 +200MB .* 1 +$/mu,
    );
    const pruned = await run('system', 'prune', '-f');
    assert.match(pruned, /Deleted VM Templates:\nb{24}\n\nTotal reclaimed space: 200MB/u);
    assert.match(await run('system', 'df'), /^VM Templates +1 +1 +700MB +0B \(0%\)$/mu);
  } finally {
    await daemon.close();
  }
});
