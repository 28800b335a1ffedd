import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { findRepository, runCommand } from '../../src/platform/index.js';
import { type ClientResult, hasProgram, runClient } from '../helpers/run-client.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/**
 * `docker -H ssh://` over OpenSSH, client and server, with keys and settings of its own. The server is started by the client as its proxy, so
 * that it needs no port. There `docker` is windowbox, as docs/guides/setup.md tells.
 */
const sshd = '/usr/sbin/sshd';
const skip = whyNot();
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
let daemon: TestDaemon;
let folder: string;
before(async () => {
  if (skip !== false) return;
  daemon = await startTestDaemon();
  folder = await mkdtemp(join(tmpdir(), 'windowbox-ssh-'));
  await makeMachine();
});
after(async () => {
  if (skip !== false) return;
  await daemon.close();
  await rm(folder, { recursive: true });
});

test(
  'docker -H ssh://: commands, exit codes and both directions of an attached program go through',
  { skip },
  async () => {
    const host = 'ssh://machine';
    const run = await docker(['run', '--name', 'box', nano, 'cmd', '/c', 'echo out & echo err>&2 & exit 6'], { host });
    assert.deepEqual(run, { code: 6, stdout: 'out\r\n', stderr: 'err\r\n' });
    assert.equal((await docker(['ps', '-a', '--format', '{{.Names}}'], { host })).stdout, 'box\n');
    const input = 'x'.repeat(3_000_000);
    const echoed = await docker(['run', '-i', '--rm', nano, 'cmd', '/c', 'cat'], { host, input });
    assert.equal(echoed.stdout, input);
    assert.deepEqual(daemon.errors, []);
  },
);

test(
  'docker context: one that names a machine by ssh and one that names a socket are created, used and removed',
  { skip },
  async () => {
    const contexts = { away: 'ssh://machine', here: daemon.host };
    for (const [name, host] of Object.entries(contexts)) {
      await docker(['context', 'create', name, '--docker', `host=${host}`]);
      await docker(['context', 'use', name]);
      assert.equal((await docker(['context', 'show'])).stdout, `${name}\n`);
      assert.equal((await docker(['info', '--format', '{{.OSType}}'])).stdout, 'windows\n');
    }
    await docker(['context', 'use', 'default']);
    assert.equal((await docker(['context', 'rm', ...Object.keys(contexts)])).stdout, 'away\nhere\n');
  },
);

function docker(args: readonly string[], options: { host?: string; input?: string } = {}): Promise<ClientResult> {
  const path = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  return runClient('docker', args, {
    host: '',
    ...options,
    env: { PATH: path, DOCKER_CONFIG: join(folder, 'docker-config') },
  });
}

function whyNot(): false | string {
  if (!hasProgram('docker'))
    return 'the docker CLI is not installed (Debian: docker.io, or docker-cli where it exists)';
  if (process.getuid?.() !== 0) return 'needs root';
  return existsSync(sshd) ? false : 'sshd is not installed (Debian: openssh-server)';
}

/** The far machine: its sshd, its `docker`, and an `ssh` that knows how to reach it. */
async function makeMachine(): Promise<void> {
  const at = (name: string): string => join(folder, name);
  for (const name of ['host-key', 'user-key'])
    await runCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)], { timeoutMs: 20_000 });
  const server = [
    `HostKey ${at('host-key')}`,
    `AuthorizedKeysFile ${at('user-key.pub')}`,
    // The folder is a temporary one, and this user's account may have no password.
    'StrictModes no',
    'UsePAM yes',
    'PermitRootLogin prohibit-password',
    `SetEnv PATH=${at('far')}:/usr/bin:/bin`,
  ];
  const client = [
    'Host machine',
    // Its service makes /run/sshd, without which it does not work; here nothing is to stay behind.
    `ProxyCommand unshare -m sh -c 'mount -t tmpfs t /run; mkdir /run/sshd; exec ${sshd} -i -f ${at('sshd_config')}'`,
    `User ${userInfo().username}`,
    `IdentityFile ${at('user-key')}`,
    'IdentitiesOnly yes',
    'StrictHostKeyChecking no',
    'UserKnownHostsFile /dev/null',
    'LogLevel ERROR',
  ];
  const cli = join(findRepository(), 'dist/src/cli/main.js');
  await writeFile(at('sshd_config'), `${server.join('\n')}\n`);
  await writeFile(at('ssh_config'), `${client.join('\n')}\n`);
  await writeFile(at('ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${at('ssh_config')}' "$@"\n`, { mode: 0o755 });
  await runCommand('mkdir', [at('far')], { timeoutMs: 5000 });
  const far = `#!/bin/sh\nexec '${process.execPath}' '${cli}' -H '${daemon.host}' "$@"\n`;
  await writeFile(join(at('far'), 'docker'), far);
  await chmod(join(at('far'), 'docker'), 0o755);
}
