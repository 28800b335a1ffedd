import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode, WindowboxError } from '../errors/index.js';
import { containerOwner, type LayerPacking } from '../platform/index.js';
import { newLayerFolder, placeLayer } from './layer-folder.js';
import type { LayerRecord } from './image-records.js';
import { importLayer } from './layers/import-layer.js';
import { applyRegistryChanges } from './layers/layer-registry.js';
import { unpackFile } from './layers/unpack-file.js';
import type { PackedFile } from './packed-file.js';
import type { StoreContext } from './store-context.js';

export interface UnpackOptions {
  readonly chain: string;
  readonly diff: string;
  /** Digest of the packed layer. */
  readonly blob: string;
  readonly packing: LayerPacking;
  /** The packed bytes; may still be on their way. */
  readonly file: PackedFile;
  /** Roots of the layers below, topmost first. */
  readonly parents: readonly string[];
  /** Resolves when the source proved to be what it should be; the layer is not kept before. */
  readonly verified: Promise<void>;
}

/**
 * Unpacks a layer from outside into the store. Not recorded yet: that is the caller's last step.
 *
 * @throws WindowboxError `data-loss` when the content is not what the image's config says, and what {@link importLayer} refuses.
 */
export async function unpackLayer(context: StoreContext, options: UnpackOptions): Promise<LayerRecord> {
  const folder = newLayerFolder(context);
  const [root, meta] = [join(folder, 'root'), join(folder, 'meta')];
  const unpacked = unpackFile(options.file, options.packing);
  try {
    const { parents } = options;
    const { size } = await importLayer({
      source: unpacked.chunks,
      root,
      meta,
      parents,
      owner: containerOwner,
      refuseBase: true,
    });
    const found = `sha256:${await unpacked.digest()}`;
    if (found !== options.diff)
      throw new WindowboxError(
        'data-loss',
        `Cannot unpack layer "${options.blob}": its content is "${found}", not "${options.diff}"`,
      );
    await options.verified;
    applyRegistryChanges({ root, parents, owner: containerOwner });
    await placeLayer(context, folder, options.chain);
    return { chain: options.chain, diff: options.diff, size, blob: options.blob };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    // Where damaged bytes came, the reason is that they came, and not what could not be made of them.
    if (isErrorCode(error, 'data-loss')) await options.verified;
    throw error;
  }
}
