import { randomBytes } from 'node:crypto';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../platform/index.js';
import { layersOf } from './lease-image.js';
import type { StoreContext } from './store-context.js';
import type { MountedImage } from './types.js';

/** Mounts all layers of an image, read-only. The caller releases it. */
export async function mountImage(context: StoreContext, imageId: string): Promise<MountedImage> {
  const lower = await layersOf(context, imageId);
  const path = join(context.folder, 'mounts', randomBytes(8).toString('hex'));
  await mkdir(path, { recursive: true, mode: 0o700 });
  const [only = ''] = lower;
  // A path may hold the characters that separate overlay's own words.
  const folders = lower.map((folder) => folder.replaceAll(/[\\:,]/gu, '\\$&')).join(':');
  const args =
    lower.length === 1
      ? ['--bind', '-o', 'ro', only, path]
      : ['-t', 'overlay', 'overlay', '-o', `ro,lowerdir=${folders}`, path];
  await runCommand('mount', args, { timeoutMs: 30_000 });
  return {
    path,
    release: async () => {
      await runCommand('umount', ['-l', path], { timeoutMs: 30_000 });
      await rmdir(path);
    },
  };
}
