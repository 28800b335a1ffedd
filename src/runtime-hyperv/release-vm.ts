import { rm } from 'node:fs/promises';
import { killProcess, removeCgroup, waitForEnd } from '../runtime-linux/index.js';
import { cgroupOf, type Context, folderOf } from './context.js';
import { readVmRecord } from './vm-record.js';

/**
 * Removes all of a VM but the container's layer and disk, running or half gone. QEMU's end takes its mounts with it, the cgroup
 * finds a QEMU that no record names, the folder with the record goes last. Idempotent.
 */
export async function releaseVm(context: Context, id: string): Promise<void> {
  const folder = folderOf(context, id);
  const record = await readVmRecord(folder);
  if (record?.qemu !== undefined) {
    await killProcess(record.qemu);
    await waitForEnd(record.qemu, 5000);
  }
  await removeCgroup(await cgroupOf(context, id));
  await rm(folder, { recursive: true, force: true });
}
