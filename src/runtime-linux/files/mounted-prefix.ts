import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { holdProgram } from '../../platform/index.js';
import type { Layer } from '../../runtime/index.js';
import { makeLayerFolder, overlayOptions } from '../layer-folder.js';

/** A container's Wine prefix as a folder of the host. */
export interface MountedPrefix {
  readonly path: string;
  close(): Promise<void>;
}

const timeLimitMs = 10_000;
const script = 'cd "$1" && mount -t overlay overlay -o "$2" c && echo ready && exec cat';

/**
 * Mounts the layers of a container that does not run, in a mount namespace of a process that ends when we close it or die: nothing is
 * left to clean up but an empty folder below `scratch`.
 */
export async function mountPrefix(scratch: string, layer: Layer): Promise<MountedPrefix> {
  await makeLayerFolder(layer.folder);
  const folder = await mkdtemp(join(scratch, 'files-'));
  const remove = async (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await Promise.all(['l', 'c'].map(async (name) => mkdir(join(folder, name))));
    await Promise.all([
      ...layer.lower.map(async (path, index) => symlink(path, join(folder, 'l', String(index)))),
      symlink(join(layer.folder, 'upper'), join(folder, 'u')),
      symlink(join(layer.folder, 'work'), join(folder, 'w')),
    ]);
    const shell = ['/bin/sh', '-c', script, 'sh', folder, overlayOptions(layer)];
    const holder = await holdProgram('unshare', ['--mount', '--propagation', 'private', '--', ...shell], {
      timeoutMs: timeLimitMs,
    });
    return {
      path: join('/proc', String(holder.pid), 'root', folder, 'c'),
      close: async () => {
        await holder.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
