import { lstatSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chainIds } from './base-image.js';
import type { LayerRecord } from './image-records.js';
import { newLayerFolder, placeLayer } from './layer-folder.js';
import { linkTree } from './layers/link-tree.js';
import { createFolderIndex, type FolderIndex } from './layers/folder-index.js';
import { layerFolders, type StoreContext } from './store-context.js';
import type { Base } from './types.js';

export interface ShareOptions {
  /** Chain of the layer that another build made of the same files. */
  readonly from: string;
  /** What the layers stand on. */
  readonly base: Pick<Base, 'product' | 'osVersion'>;
  /** Digests of the image's layers below, lowest first. */
  readonly diffs: readonly string[];
  /** Roots of the layers below, topmost first. */
  readonly parents: readonly string[];
}

/**
 * The same files on another base: hard links to the layer that is there, which nobody writes to. Undefined where the other base spells a folder differently, so that the files must be unpacked anew.
 */
export async function shareLayer(context: StoreContext, options: ShareOptions): Promise<LayerRecord | undefined> {
  const { from, base, diffs, parents } = options;
  const source = context.records.layer(from);
  if (!source) return undefined;
  const { whole, root } = layerFolders(context, from);
  const index = createFolderIndex({ root: join(whole, 'none'), meta: join(whole, 'none'), parents });
  if (!hasSameSpelling(join(root, 'drive_c'), 'Files', index)) return undefined;
  const [chain = ''] = chainIds(base, [...diffs, source.diff]).slice(-1);
  const known = context.records.layer(chain);
  if (known) return known;
  const folder = newLayerFolder(context);
  try {
    await linkTree(whole, folder);
    await placeLayer(context, folder, chain);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return { ...source, chain };
}

function hasSameSpelling(path: string, folder: string, index: FolderIndex): boolean {
  return readdirSync(path).every((name) => {
    if (index.find(folder, name).name !== name) return false;
    const inner = join(path, name);
    return !lstatSync(inner).isDirectory() || hasSameSpelling(inner, `${folder}/${name}`, index);
  });
}
