import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findRepository } from '../../src/platform/index.js';
import { dockerCommands, makeCommandFolder, problemsOf, wordsOf } from '../helpers/docker-commands.js';
import { runClient } from '../helpers/run-client.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/**
 * Our own CLI is given the very commands that the official docker CLI is given in `docker-cli.test.ts`, and must print and exit the
 * same. As bundled, where it is: a bundle has its own ways to fail.
 */
const bundle = join(findRepository(), 'dist/bin/cli.js');
const cli = existsSync(bundle) ? bundle : join(findRepository(), 'dist/src/cli/main.js');

/** Of a swarm there is nothing here, so the CLI has no words for it; the API answers, which the docker CLI's test holds. */
const left = new Set(['a node outside of a swarm']);

let daemon: TestDaemon;
let files: Awaited<ReturnType<typeof makeCommandFolder>>;
before(async () => {
  daemon = await startTestDaemon();
  files = await makeCommandFolder();
});
after(async () => {
  await daemon.close();
  await files.remove();
});

for (const [name, commands] of Object.entries(dockerCommands).filter(([name]) => !left.has(name)))
  test(`windowbox, as docker: ${name}`, { timeout: 180_000 }, async () => {
    const wrong: string[] = [];
    for (const command of commands) {
      const result = await runClient(process.execPath, [cli, '-H', daemon.host, ...wordsOf(command, files.folder)], {
        host: daemon.host,
        ...(command.input === undefined ? {} : { input: command.input }),
      });
      wrong.push(...problemsOf(command, result));
    }
    assert.deepEqual(wrong, []);
  });

test('windowbox, as docker: no command met a bug', () => {
  assert.deepEqual(daemon.errors, []);
});
