import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dockerCommands, makeCommandFolder, problemsOf, wordsOf } from '../helpers/docker-commands.js';
import { hasProgram, runClient } from '../helpers/run-client.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/**
 * The official docker CLI against the engine, one command after the other, each with its exit code and what it prints. The runtime
 * is the one in memory: these hold the API; that Windows programs really run is held in test/e2e.
 */
const skip = hasProgram('docker')
  ? false
  : 'the docker CLI is not installed (Debian: docker.io, or docker-cli where it exists)';

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

for (const [name, commands] of Object.entries(dockerCommands))
  test(`docker: ${name}`, { skip, timeout: 180_000 }, async () => {
    const wrong: string[] = [];
    for (const command of commands) {
      const result = await runClient('docker', wordsOf(command, files.folder), {
        host: daemon.host,
        ...(command.input === undefined ? {} : { input: command.input }),
      });
      wrong.push(...problemsOf(command, result));
    }
    assert.deepEqual(wrong, []);
  });

test('docker: no command met a bug', { skip }, () => {
  assert.deepEqual(daemon.errors, []);
});
