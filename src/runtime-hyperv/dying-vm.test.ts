import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRuntimeParts, resolvePaths } from '../platform/index.js';
import type { SandboxSpec } from '../runtime/index.js';
import { readVmRecord } from './vm-record.js';
import { findHierarchies } from '../runtime-linux/index.js';
import { type Context, makeContext } from './context.js';
import { openSandbox } from './sandbox.js';
import { type ReadyVm, startVm } from './start-vm.js';
import { listTemplates } from './list-templates.js';

/** What a daemon sees of VMs that die by themselves. Their QEMU goes, and all that it had. */
const options = { timeout: 600_000 } as const;
const cgroupParent = `/windowbox-dying-${String(process.pid)}`;
let home: string;
let context: Context;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'windowbox-dying-'));
  const paths = resolvePaths();
  context = makeContext({
    run: join(home, 'run'),
    cache: join(paths.runtime, 'hyperv'),
    parts: await readRuntimeParts(paths),
    accelerator: async () => 'tcg',
    cgroupParent,
    patienceMs: 5000,
  });
});
after(async () => {
  for (const folder of await cgroupFolders()) await rmdir(folder);
  await rm(home, { recursive: true, force: true });
});

test('a guest whose kernel fails ends its container with the kernel’s words', options, async () => {
  await withVm('panic', async (vm, ended) => {
    // The kernel takes an interrupt that it does not know for broken hardware.
    await vm.qmp.execute('inject-nmi');
    assert.deepEqual(await ended, {
      how: 'died',
      reason: "its VM's kernel failed: Kernel panic - not syncing: NMI: Not continuing",
      outOfMemory: false,
    });
  });
});

test('a guest that hangs is found by its silence', options, async () => {
  await withVm('hang', async (vm, ended) => {
    process.kill(vm.record.qemu?.pid ?? 0, 'SIGSTOP');
    assert.deepEqual(await ended, { how: 'died', reason: 'its VM hangs: no answer in 5 s', outOfMemory: false });
  });
});

/** Where the cgroups of this test's VMs are, one a hierarchy. */
async function cgroupFolders(): Promise<readonly string[]> {
  const folders = (await findHierarchies()).map(({ mountPoint }) => join(mountPoint, cgroupParent));
  return folders.filter((folder) => existsSync(folder));
}

test('a guest that dies before it took a program is started once more', options, async () => {
  const machines = join(home, 'run', 'hyperv');
  const log: string[] = [];
  const starting = startVm({ ...context, log: (line) => log.push(line) }, specOf('again'));
  let qemu: number | undefined;
  for (; qemu === undefined; await sleep(5))
    for (const name of await readdir(machines)) qemu ??= (await readVmRecord(join(machines, name)))?.qemu?.pid;
  process.kill(qemu, 'SIGKILL');
  const vm = await starting;
  const { sandbox } = openSandbox(context, vm, () => undefined);
  assert.notEqual(sandbox.pid, qemu);
  assert.match(log.join(' '), /^starting VM dying-again once more: .*it was killed/u);
  assert.deepEqual(await sandbox.top(), []);
  await sandbox.stop({ keepLayer: false });
});

async function withVm(
  name: string,
  act: (vm: ReadyVm, ended: ReturnType<typeof openSandbox>['sandbox']['ended']) => Promise<void>,
): Promise<void> {
  const vm = await startVm(context, specOf(name));
  let toldEnd = false;
  const { sandbox } = openSandbox(context, vm, () => (toldEnd = true));
  await act(vm, sandbox.ended);
  assert.ok(toldEnd);
  assert.deepEqual(await readdir(join(home, 'run', 'hyperv')), []);
  assert.ok((await listTemplates(context)).every(({ view }) => view.users === 0));
  for (const folder of await cgroupFolders())
    assert.deepEqual(
      (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()),
      [],
    );
  assert.throws(() => process.kill(vm.record.qemu?.pid ?? 0, 0), { code: 'ESRCH' });
}

function specOf(name: string): SandboxSpec {
  return {
    id: `dying-${name}`,
    hostname: name,
    layer: { lower: [context.options.parts.prefix], folder: join(home, name) },
    pristine: true,
    mounts: [],
    resources: { memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 },
    network: { mode: 'none' },
  };
}
