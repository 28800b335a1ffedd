import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import type { Layer } from '../runtime/index.js';
import type { Context } from './context.js';

/** How a container's layers reach its VM. */
export interface LayerPlan {
  /** Base layers, topmost first: disk images that all VMs share. In the template already. */
  readonly bases: readonly string[];
  /** The image's own layers above them, topmost first: folders of the host, read-only. */
  readonly images: readonly string[];
  /** A layer above the base has a registry of its own, or may have: Wine must read it before any program runs. */
  readonly ownRegistry: boolean;
}

const registryFiles = ['system.reg', 'user.reg', 'userdef.reg'];

/** @throws WindowboxError `invalid-argument` when there is no base layer at the bottom. */
export function planLayers(context: Context, layer: Layer, diskIsLeft: boolean): LayerPlan {
  const runtimeFolder = dirname(context.options.parts.root);
  let count = 0;
  while (count < layer.lower.length && dirname(layer.lower.at(-1 - count) ?? '') === runtimeFolder) count++;
  if (count === 0)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot create a VM on "${layer.lower.at(-1) ?? ''}": it is no base layer`,
    );
  const images = layer.lower.slice(0, -count);
  const above = [join(layer.folder, 'upper'), ...images];
  const ownRegistry = above.some((folder) => registryFiles.some((name) => existsSync(join(folder, name))));
  return { bases: layer.lower.slice(-count), images, ownRegistry: ownRegistry || diskIsLeft };
}
