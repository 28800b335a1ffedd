import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { findRepository } from '../../src/platform/index.js';
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

test('docker -H ssh://: the client speaks through "windowbox system dial-stdio"', { skip }, async () => {
  const cli = join(findRepository(), 'dist/src/cli/main.js');
  // In place of ssh: what the remote machine would run, where "docker" is a link to windowbox.
  const ssh = `#!/bin/sh\nexec '${process.execPath}' '${cli}' -H '${daemon.host}' system dial-stdio\n`;
  await writeFile(join(files.folder, 'ssh'), ssh, { mode: 0o755 });
  const env = { PATH: `${files.folder}${delimiter}${process.env['PATH'] ?? ''}` };
  const args = ['version', '--format', '{{.Server.Os}}'];
  const result = await runClient('docker', args, { host: 'ssh://machine', env });
  assert.deepEqual(result, { code: 0, stdout: 'windows\n', stderr: '' });
});

test('"windowbox system dial-stdio" carries a request and its answer, also when stdin ends at once', async () => {
  const cli = join(findRepository(), 'dist/src/cli/main.js');
  const result = await runClient(process.execPath, [cli, '-H', daemon.host, 'system', 'dial-stdio'], {
    host: daemon.host,
    input: 'GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n(?:2\r\n)?OK/u);
});

test('docker: no command met a bug', { skip }, () => {
  assert.deepEqual(daemon.errors, []);
});
