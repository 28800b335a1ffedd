import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import type { Layer } from '../runtime/index.js';
import { isSameRegistry } from './compare-registry.js';
import type { Context } from './context.js';

/** How a container's layers reach its VM. */
export interface LayerPlan {
  /** Base layers, topmost first: disk images that all VMs share. In the template already. */
  readonly bases: readonly string[];
  /** The image's own layers above them, topmost first: folders of the host, read-only. */
  readonly images: readonly string[];
}

const registryFiles = ['system.reg', 'user.reg', 'userdef.reg'];

/** @throws WindowboxError `invalid-argument` when there is no base layer at the bottom. */
export function planLayers(context: Context, layer: Layer): LayerPlan {
  const runtimeFolder = dirname(context.options.parts.root);
  let count = 0;
  while (count < layer.lower.length && dirname(layer.lower.at(-1 - count) ?? '') === runtimeFolder) count++;
  if (count === 0)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot create a VM on "${layer.lower.at(-1) ?? ''}": it is no base layer`,
    );
  const images = layer.lower.slice(0, -count);
  return { bases: layer.lower.slice(-count), images };
}

/**
 * Whether a layer above the base has another registry than the base, or may have: then Wine must read it before any program runs. The
 * template's Wine has the base's.
 */
export async function hasOwnRegistry(layer: Layer, { bases, images }: LayerPlan): Promise<boolean> {
  const above = [join(layer.folder, 'upper'), ...images];
  for (const name of registryFiles) {
    const own = above.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (own === undefined) continue;
    const base = bases.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (base === undefined || !(await isSameRegistry(base, own))) return true;
  }
  return false;
}
