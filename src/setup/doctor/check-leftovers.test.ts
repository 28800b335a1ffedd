import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { holdProgram, resolvePaths, runCommand } from '../../platform/index.js';
import { checkNetworkLeftovers } from './check-leftovers.js';

let run: string;
let namespace: string;

before(async () => {
  run = await mkdtemp(join(tmpdir(), 'windowbox-leftovers-'));
  namespace = join(run, 'netns', '0123456789ab');
  await mkdir(join(run, 'netns'));
  await writeFile(namespace, '');
  await runCommand('unshare', [`--net=${namespace}`, 'true'], { timeoutMs: 10_000 });
});

after(async () => {
  await runCommand('umount', ['-l', namespace], { timeoutMs: 10_000 });
  await rm(run, { recursive: true });
});

async function isTold(): Promise<boolean> {
  const findings = await checkNetworkLeftovers({ paths: resolvePaths(), isRoot: true });
  return findings.some(({ state, mend }) => state === 'note' && mend === `umount -l ${namespace}; rm ${namespace}`);
}

test('a namespace that neither a process nor a daemon has is told, with what removes it', async () => {
  assert.equal(await isTold(), true);
});

test('one with a process in it is not: a container may outlive its daemon', async () => {
  const script = 'console.log("up"); setInterval(() => {}, 1000)';
  const args = [`--net=${namespace}`, process.execPath, '-e', script];
  const inside = await holdProgram('nsenter', args, { timeoutMs: 10_000 });
  assert.equal(await isTold(), false);
  await inside.close();
  assert.equal(await isTold(), true);
});

test('one of a daemon that runs is not', async () => {
  const daemon = createServer().listen(join(run, 'windowbox.sock'));
  await once(daemon, 'listening');
  assert.equal(await isTold(), false);
  daemon.close();
});
