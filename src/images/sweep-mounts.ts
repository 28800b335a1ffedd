import { readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../platform/index.js';
import { readFolder } from './read-folder.js';
import type { StoreContext } from './store-context.js';

/** Unmounts what a daemon that was killed had mounted for its builds. Never deletes what is in a folder. */
export async function sweepMounts(context: Pick<StoreContext, 'folder'>): Promise<void> {
  const folder = join(context.folder, 'mounts');
  const left = await readFolder(folder);
  if (left.length === 0) return;
  const places = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4] ?? '');
  for (const name of left) {
    const path = join(folder, name);
    // The kernel writes some characters of a path in its own way; the name is random enough to know it by.
    if (places.some((place) => place.endsWith(`/mounts/${name}`)))
      await runCommand('umount', ['-l', path], { timeoutMs: 30_000 });
    await rmdir(path);
  }
}
