import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findRepository } from '../../src/platform/index.js';
import { testCommands } from '../helpers/command-suite.js';
import { dockerCommands } from '../helpers/docker-commands.js';
import { hasProgram, runClient } from '../helpers/run-client.js';
import { startTestDaemon } from '../helpers/test-daemon.js';

/**
 * The official docker CLI against the engine, one command after the other, each with its exit code and what it prints. The runtime
 * is the one in memory: these hold the API; that Windows programs really run is held in test/e2e.
 */
const skip = hasProgram('docker')
  ? false
  : 'the docker CLI is not installed (Debian: docker.io, or docker-cli where it exists)';

const suite = testCommands({
  name: 'docker',
  client: ['docker'],
  skip,
  commands: dockerCommands,
  start: startTestDaemon,
});

test('docker -H ssh://: the client speaks through "windowbox system dial-stdio"', { skip }, async () => {
  const cli = join(findRepository(), 'dist/src/cli/main.js');
  // In place of ssh: what the remote machine would run, where "docker" is a link to windowbox.
  const ssh = `#!/bin/sh\nexec '${process.execPath}' '${cli}' -H '${suite.engine().host}' system dial-stdio\n`;
  await writeFile(join(suite.folder(), 'ssh'), ssh, { mode: 0o755 });
  const env = { PATH: `${suite.folder()}${delimiter}${process.env['PATH'] ?? ''}` };
  const args = ['version', '--format', '{{.Server.Os}}'];
  const result = await runClient('docker', args, { host: 'ssh://machine', env });
  assert.deepEqual(result, { code: 0, stdout: 'windows\n', stderr: '' });
});

test(
  '"windowbox system dial-stdio" carries a request and its answer, also when stdin ends at once',
  { skip },
  async () => {
    const cli = join(findRepository(), 'dist/src/cli/main.js');
    const result = await runClient(process.execPath, [cli, '-H', suite.engine().host, 'system', 'dial-stdio'], {
      host: suite.engine().host,
      input: 'GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n(?:2\r\n)?OK/u);
  },
);
