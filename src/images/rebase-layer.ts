import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { containerOwner } from '../platform/index.js';
import { chainIds } from './base-image.js';
import type { ImageRecord, LayerRecord } from './image-records.js';
import { newLayerFolder, placeLayer } from './layer-folder.js';
import { exportLayer } from './layers/export-layer.js';
import { importLayer } from './layers/import-layer.js';
import { applyRegistryChanges, hasRegistryChanges } from './layers/layer-registry.js';
import { measureLayer } from './measure-layer.js';
import { shareLayer } from './share-layer.js';
import { layerFolders, type StoreContext } from './store-context.js';

export interface RebaseLayerOptions {
  readonly layer: LayerRecord;
  /** Whose layers, moved already, lie below. */
  readonly parent: Pick<ImageRecord, 'product' | 'osVersion'>;
  /** Digests of those layers, lowest first. */
  readonly diffs: readonly string[];
  /** Roots of all that lies below, the base's folders among them, topmost first. */
  readonly parents: readonly string[];
}

/**
 * The same layer on other ones: hard links where every folder is spelled alike there, else unpacked anew. The registry is made from
 * the one below. Not recorded yet: that is the caller's last step.
 */
export async function rebaseLayer(context: StoreContext, options: RebaseLayerOptions): Promise<LayerRecord> {
  const { layer, parent, diffs, parents } = options;
  const { root } = layerFolders(context, layer.chain);
  const shared = hasRegistryChanges(root)
    ? undefined
    : await shareLayer(context, { from: layer.chain, base: parent, diffs, parents });
  return shared ?? unpackAnew(context, options);
}

async function unpackAnew(context: StoreContext, options: RebaseLayerOptions): Promise<LayerRecord> {
  const { layer, parent, diffs, parents } = options;
  const folder = newLayerFolder(context);
  const [root, meta] = [join(folder, 'root'), join(folder, 'meta')];
  try {
    await mkdir(meta, { recursive: true, mode: 0o700 });
    const source = exportLayer(layerFolders(context, layer.chain));
    await importLayer({ source, root, meta, parents, owner: containerOwner });
    applyRegistryChanges({ root, parents, owner: containerOwner });
    // Packed bytes that are here stay what is pushed; without them the layer is what its files say now.
    const isPacked = layer.blob !== '' && (await context.content.has(layer.blob));
    const diff = isPacked ? layer.diff : (await measureLayer(root, meta)).diff;
    const [chain = ''] = chainIds(parent, [...diffs, diff]).slice(-1);
    await placeLayer(context, folder, chain);
    return { chain, diff, size: layer.size, blob: isPacked ? layer.blob : '' };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
