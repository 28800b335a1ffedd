import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageConfig, ImageProcessConfig } from '../oci/index.js';
import { containerOwner, readTar, tarEnd, tarHeader, tarPadding } from '../platform/index.js';
import { addBaseImage, chainIds } from './base-image.js';
import { newLayerFolder, placeLayer } from './layer-folder.js';
import { recordLayers } from './record-layers.js';
import { readConfig } from './find-image.js';
import { importLayer } from './layers/import-layer.js';
import type { StoreContext } from './store-context.js';
import { tagImage } from './tag-image.js';
import type { Base } from './types.js';
import { measureLayer } from './measure-layer.js';
import { withRoom } from './with-room.js';

export interface ImportImageOptions {
  /** A plain archive of a file system, uncompressed: its root is C:. */
  readonly tar: AsyncIterable<Uint8Array>;
  /** What lies below: Windows itself is not in such an archive. */
  readonly base: Base;
  /** The config of the image, from that of the base; default: the same. */
  readonly configure?: (config: ImageProcessConfig) => Promise<ImageProcessConfig>;
  readonly message?: string;
  readonly name?: string;
}

/**
 * Makes an image from a plain archive, as `docker import` does. Answers its id.
 *
 * @throws WindowboxError `invalid-argument` for what Windows could not hold, and what `configure` throws, before the archive is read.
 */
export async function importImage(context: StoreContext, options: ImportImageOptions): Promise<string> {
  return withRoom(context, 'Cannot import an image', async () => {
    const parent = await addBaseImage(context, options.base);
    const below = await readConfig(context, parent);
    const config = (await options.configure?.(below.config ?? {})) ?? below.config ?? {};
    const { lower } = await context.bases.ensure(options.base);
    const folder = newLayerFolder(context);
    const [root, meta] = [join(folder, 'root'), join(folder, 'meta')];
    try {
      const source = belowFiles(options.tar);
      const { size } = await importLayer({
        source,
        root,
        meta,
        parents: lower,
        owner: containerOwner,
        refuseBase: true,
      });
      const { diff } = await measureLayer(root, meta);
      const [chain = ''] = chainIds(options.base, [diff]);
      await placeLayer(context, folder, chain);
      return await recordImage(context, options, {
        parent,
        below: { ...below, config },
        layer: { chain, diff, size, blob: '' },
      });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  });
}

async function recordImage(
  context: StoreContext,
  options: ImportImageOptions,
  {
    parent,
    below,
    layer,
  }: { parent: string; below: ImageConfig; layer: { chain: string; diff: string; size: number; blob: string } },
): Promise<string> {
  const created = new Date().toISOString();
  const config = {
    ...below,
    created,
    rootfs: { ...below.rootfs, diff_ids: [...below.rootfs.diff_ids, layer.diff] },
    history: [...(below.history ?? []), { created, comment: options.message ?? 'Imported from -' }],
  };
  const id = await context.content.addText(JSON.stringify(config));
  const record = context.records.find(parent);
  context.records.transaction(() => {
    recordLayers(context, [layer]);
    if (record)
      context.records.put({
        ...record,
        id,
        size: layer.size,
        chains: [layer.chain],
        manifest: '',
        parent: '',
        taggedAt: 0,
      });
  });
  if (options.name !== undefined) tagImage(context, id, options.name);
  context.emit({ action: 'import', imageId: id, reference: options.name ?? id });
  return id;
}

/** The same entries as a Windows layer has them. */
async function* belowFiles(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const { header, body } of readTar(tar)) {
    const name = header.name.replace(/^(?:\.?\/)+/u, '').replace(/^\.$/u, '');
    if (header.type === 'other') continue;
    const linkName =
      header.type === 'hardlink' ? `Files/${header.linkName.replace(/^(?:\.?\/)+/u, '')}` : header.linkName;
    yield tarHeader({
      name: name === '' ? 'Files' : `Files/${name}`,
      type: header.type,
      size: header.size,
      linkName,
      modified: header.modified,
    });
    yield* body;
    yield tarPadding(header.size);
  }
  yield tarEnd;
}
