import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findRepository } from '../../src/platform/index.js';
import { testCommands } from '../helpers/command-suite.js';
import { commandsOf, type DockerClient, dockerClients, isOld, whyNoDocker } from '../helpers/docker-clients.js';
import { runClient } from '../helpers/run-client.js';
import { startTestDaemon } from '../helpers/test-daemon.js';

/**
 * Each official docker CLI of this machine against the engine, one command after the other, each with its exit code and what it
 * prints. The runtime is the one in memory: these hold the API; that Windows programs really run is held in test/e2e.
 */
const clients = dockerClients();
for (const client of clients) testClient(client);
if (clients.length === 0) test('docker', { skip: whyNoDocker }, () => undefined);

function testClient(client: DockerClient): void {
  const name = `docker ${client.version}`;
  const suite = testCommands({
    name,
    client: [client.program],
    skip: false,
    commands: commandsOf(client),
    start: startTestDaemon,
  });

  test(`${name} -H ssh://: the client speaks through "windowbox system dial-stdio"`, async () => {
    const cli = join(findRepository(), 'dist/src/cli/main.js');
    // In place of ssh: what the remote machine would run, where "docker" is a link to windowbox.
    const ssh = `#!/bin/sh\nexec '${process.execPath}' '${cli}' -H '${suite.engine().host}' system dial-stdio\n`;
    await writeFile(join(suite.folder(), 'ssh'), ssh, { mode: 0o755 });
    const env = { PATH: `${suite.folder()}${delimiter}${process.env['PATH'] ?? ''}` };
    const args = ['version', '--format', '{{.Server.Os}}'];
    const result = await runClient(client.program, args, { host: 'ssh://machine', env });
    assert.deepEqual(result, { code: 0, stdout: 'windows\n', stderr: '' });
  });

  // It speaks this version, and must get on with what an engine of today answers in it.
  if (isOld(client))
    test(`${name} and the engine agree on version 1.41`, async () => {
      const { stdout } = await suite.run(['version', '--format', '{{.Client.APIVersion}}']);
      assert.equal(stdout, '1.41\n');
    });
}

test('"windowbox system dial-stdio" carries a request and its answer, also when stdin ends at once', async () => {
  const daemon = await startTestDaemon();
  try {
    const cli = join(findRepository(), 'dist/src/cli/main.js');
    const result = await runClient(process.execPath, [cli, '-H', daemon.host, 'system', 'dial-stdio'], {
      host: daemon.host,
      input: 'GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stdout, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n(?:2\r\n)?OK/u);
  } finally {
    await daemon.close();
  }
});
