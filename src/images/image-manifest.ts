import { exportLayer } from './layers/export-layer.js';
import { packGzip } from './layers/pack-layer.js';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { WindowboxError } from '../errors/index.js';
import { type Descriptor, type Manifest, mediaTypes, parseManifest } from '../oci/index.js';
import type { ImageRecord, LayerRecord } from './image-records.js';
import { layerFolders, type StoreContext } from './store-context.js';

/** The manifest that an image, or the one that it was made from, came with, when it is here. */
export async function readManifest({ content }: StoreContext, record: ImageRecord): Promise<Manifest | undefined> {
  if (record.manifest === '' || !(await content.has(record.manifest))) return undefined;
  const parsed = parseManifest(await content.readText(record.manifest), undefined);
  return parsed.kind === 'manifest' ? parsed.manifest : undefined;
}

/**
 * Descriptors of an image's own layers, lowest first; a layer that was made here is packed now.
 *
 * @throws WindowboxError `data-loss` when a layer on the disk is no longer what it was.
 */
export async function packLayers(context: StoreContext, record: ImageRecord): Promise<readonly Descriptor[]> {
  const manifest = await readManifest(context, record);
  const known = new Map((manifest?.layers ?? []).map((descriptor) => [descriptor.digest, descriptor.mediaType]));
  const packed: Descriptor[] = [];
  for (const chain of record.chains) {
    const layer = context.records.layer(chain);
    if (!layer) throw new WindowboxError('data-loss', `Cannot read image "${record.id}": its layer "${chain}" is gone`);
    const digest =
      layer.blob !== '' && (await context.content.has(layer.blob)) ? layer.blob : await packLayer(context, layer);
    const size = await context.content.size(digest);
    packed.push({ mediaType: known.get(digest) ?? (await typeOfBlob(context, digest)), digest, size });
  }
  return packed;
}

/** A layer that came with another image says by its first bytes how it is packed. */
async function typeOfBlob({ content }: StoreContext, digest: string): Promise<string> {
  const file = await open(content.path(digest), 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.readUInt16BE(0) === 0x1f8b) return mediaTypes.dockerLayerGzip;
    return buffer.readUInt32LE(0) === 0xfd2fb528 ? mediaTypes.ociLayerZstd : mediaTypes.ociLayer;
  } finally {
    await file.close();
  }
}

async function packLayer(context: StoreContext, layer: LayerRecord): Promise<string> {
  const hash = createHash('sha256');
  const { root, meta } = layerFolders(context, layer.chain);
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of exportLayer({ root, meta })) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const { digest } = await context.content.add(packGzip(hashed()));
  const diff = `sha256:${hash.digest('hex')}`;
  if (diff !== layer.diff)
    throw new WindowboxError('data-loss', `Cannot pack layer "${layer.diff}": its files changed since it was made`);
  context.records.putLayer({ ...layer, blob: digest });
  return digest;
}

export function formatManifest(config: Descriptor, layers: readonly Descriptor[]): { json: string; mediaType: string } {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: { mediaType: mediaTypes.dockerConfig, size: config.size, digest: config.digest },
    layers: layers.map(({ mediaType, size, digest }) => ({ mediaType, size, digest })),
  };
  return { json: JSON.stringify(manifest, null, 3), mediaType: manifest.mediaType };
}
