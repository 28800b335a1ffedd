import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { applyLimits, type Cgroup } from '../runtime-linux/index.js';
import type { Resources } from '../runtime/index.js';
import { machineMemory } from './vm-size.js';

const controllers = new Set(['memory', 'cpu', 'cpuacct', 'pids', 'blkio', 'io', 'freezer']);
/** QEMU itself: its tables, translated code, buffers. */
const overhead = 400 * 1024 * 1024;
const mebibyte = 1024 * 1024;

/** `memory`: mebibytes of the VM. Makes its cgroup with its limits and resolves with the folders that QEMU must join. */
export async function makeVmCgroup(cgroup: Cgroup, memory: number, resources: Resources): Promise<readonly string[]> {
  const used = cgroup.hierarchies.filter((hierarchy) => hierarchy.controllers.some((name) => controllers.has(name)));
  const folders = used.map(({ mountPoint }) => join(mountPoint, cgroup.path));
  for (const [index, folder] of folders.entries()) {
    const unified = used[index]?.version === 2;
    if (unified) await delegate(used[index]?.mountPoint ?? '', dirname(cgroup.path));
    await mkdir(folder, { recursive: true });
  }
  await limitVm(cgroup, memory, resources);
  return folders;
}

/** The program's memory limit is the VM's size; the host's limit only keeps QEMU itself in bounds. */
export async function limitVm(cgroup: Cgroup, memory: number, resources: Resources): Promise<void> {
  await applyLimits(cgroup, { ...resources, memory: machineMemory(memory) * mebibyte + overhead, pidsLimit: 256 });
}

/** In version 2 a controller reaches a folder only when each parent says so. */
async function delegate(mountPoint: string, parent: string): Promise<void> {
  await mkdir(join(mountPoint, parent), { recursive: true });
  for (const folder of [mountPoint, join(mountPoint, parent)])
    for (const name of ['memory', 'cpu', 'pids', 'io'])
      await writeFile(join(folder, 'cgroup.subtree_control'), `+${name}`).catch(() => undefined);
}
