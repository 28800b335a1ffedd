import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile, runCommand } from '../platform/index.js';
import type { Layer } from '../runtime/index.js';
import type { Context } from './context.js';

/** What a container may write before it is merged into its layer's folder. A sparse file: it takes what is written. */
const diskSize = '20G';
const timeoutMs = 60_000;

/** An empty ext4 file system, made once and copied: a copy costs 10 ms, making one 100. */
export async function ensureEmptyDisk(context: Context): Promise<string> {
  const disk = join(context.images, `empty-${diskSize}-1.ext4`);
  if (existsSync(disk)) return disk;
  const unlock = await lockFile(`${disk}.lock`, { timeoutMs });
  const unfinished = `${disk}.new`;
  try {
    if (existsSync(disk)) return disk;
    await rm(unfinished, { force: true });
    const lazy = 'lazy_itable_init=1,lazy_journal_init=1,nodiscard';
    const options = ['-q', '-F', '-E', lazy, '-J', 'size=4', '-O', '^resize_inode', '-m', '0'];
    await runCommand('mkfs.ext4', [...options, unfinished, diskSize], { timeoutMs });
    await rename(unfinished, disk);
    return disk;
  } finally {
    await rm(unfinished, { force: true });
    await unlock();
  }
}

/** The container's disk. One that is there has writes of a VM that died on it, and goes on. */
export async function ensureDisk(context: Context, layer: Layer): Promise<string> {
  const disk = diskOf(layer);
  if (existsSync(disk)) return disk;
  const unfinished = `${disk}.new`;
  const empty = await ensureEmptyDisk(context);
  await runCommand('cp', ['--sparse=always', '--reflink=auto', empty, unfinished], { timeoutMs });
  await rename(unfinished, disk);
  return disk;
}

export function diskOf(layer: Layer): string {
  return join(layer.folder, 'disk.ext4');
}
