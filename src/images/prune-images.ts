import { collectGarbage } from './collect-garbage.js';
import { listImages } from './list-images.js';
import { removeImage } from './remove-image.js';
import type { StoreContext } from './store-context.js';
import type { RemovedImage } from './types.js';

export interface PruneReport {
  readonly removed: readonly RemovedImage[];
  /** Bytes. */
  readonly reclaimed: number;
}

/**
 * Removes images that no container holds: those without a name, or with `dangling=false` all of them. Filters as Docker's
 * `image prune`: `dangling`, `until`, `label`, `label!`.
 */
export async function pruneImages(
  context: StoreContext,
  filters: Readonly<Record<string, readonly string[]>> = {},
): Promise<PruneReport> {
  const { dangling = ['true'], ...rest } = filters;
  const onlyDangling = !/^(?:0|f|false)$/iu.test(dangling[0] ?? '');
  const wanted = onlyDangling ? { ...rest, dangling: ['true'] } : rest;
  const removed: RemovedImage[] = [];
  for (const image of await listImages(context, { all: true, filters: wanted })) {
    const { records } = context;
    // Gone with what was made from it.
    if (!records.find(image.id)) continue;
    if (records.holdersOf(image.id).length > 0 || records.childrenOf(image.id).length > 0) continue;
    removed.push(...removeImage(context, image.id, { force: true, prune: true }));
  }
  return { removed, reclaimed: await collectGarbage(context) };
}
