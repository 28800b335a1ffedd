import type { ImageConfig } from '../oci/index.js';
import { checkDepth } from './add-image.js';
import { chainIds } from './base-image.js';
import { commitLayer } from './commit-layer.js';
import { noSuchImage, readConfig } from './find-image.js';
import { recordLayers } from './record-layers.js';
import type { StoreContext } from './store-context.js';
import { tagImage } from './tag-image.js';
import type { CommitOptions } from './types.js';
import { withRoom } from './with-room.js';

/**
 * Makes an image from another and, where given, what a container wrote on it. Visible only when complete. Answers its id.
 *
 * @throws WindowboxError `not-found` for the parent, `invalid-argument` for the name.
 */
export async function commitImage(context: StoreContext, options: CommitOptions): Promise<string> {
  return withRoom(context, 'Cannot store a layer', async () => {
    const parent = context.records.find(options.parent);
    if (!parent) throw noSuchImage(options.parent);
    const hasLayer = options.upper !== undefined || options.files !== undefined;
    if (hasLayer) checkDepth(parent.chains.length + 1);
    const layer = hasLayer ? await commitLayer(context, parent, options) : undefined;
    const config = childConfig(await readConfig(context, parent.id), options, layer?.diff);
    const id = await context.content.addText(JSON.stringify(config));
    const chains = chainIds(parent, config.rootfs.diff_ids.slice(parent.baseLayers));
    context.records.transaction(() => {
      if (layer) recordLayers(context, [layer]);
      const size = parent.size + (layer?.size ?? 0);
      // The manifest stays that of the image below: it names Microsoft's layers, which a push needs.
      context.records.put({ ...parent, id, chains, size, parent: parent.id, taggedAt: 0, hidden: false });
    });
    if (options.name !== undefined) tagImage(context, id, options.name);
    return id;
  });
}

function childConfig(parent: ImageConfig, options: CommitOptions, diff: string | undefined): ImageConfig {
  const created = options.created ?? new Date().toISOString();
  return {
    ...parent,
    created,
    ...(options.author === undefined ? {} : { author: options.author }),
    config: options.config,
    rootfs: { ...parent.rootfs, diff_ids: [...parent.rootfs.diff_ids, ...(diff === undefined ? [] : [diff])] },
    history: [
      ...(parent.history ?? []),
      {
        created,
        created_by: options.createdBy,
        ...(options.author === undefined ? {} : { author: options.author }),
        ...(options.comment === undefined ? {} : { comment: options.comment }),
        ...(diff === undefined ? { empty_layer: true } : {}),
      },
    ],
  };
}
