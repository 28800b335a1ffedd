import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { containerOwner } from '../platform/index.js';
import type { Layer } from '../runtime/index.js';

/** Makes `upper` and `work` of a writable layer. The prefix takes its owner from `upper`, and Wine insists on its own. */
export async function makeLayerFolder(folder: string): Promise<void> {
  const upper = join(folder, 'upper');
  await mkdir(upper, { recursive: true, mode: 0o755 });
  await mkdir(join(folder, 'work'), { recursive: true, mode: 0o700 });
  await chown(upper, containerOwner.uid, containerOwner.gid);
}

/** Options of the overlay mount, relative to a folder with the links `l/0` (topmost lower layer), `l/1` ..., `u` and `w`. */
export function overlayOptions(layer: Layer): string {
  return `lowerdir=${layer.lower.map((_, index) => `l/${String(index)}`).join(':')},upperdir=u,workdir=w`;
}
