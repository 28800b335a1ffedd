import { collectGarbage } from './collect-garbage.js';
import { noSuchImage } from './find-image.js';
import type { HoldSpan } from './image-records.js';
import { layerFolders, type StoreContext } from './store-context.js';

/** @throws WindowboxError `not-found`. */
export async function layersOf(context: StoreContext, imageId: string): Promise<readonly string[]> {
  const record = context.records.find(imageId);
  if (!record) throw noSuchImage(imageId);
  const own = record.chains.toReversed().map((chain) => layerFolders(context, chain).root);
  const base = await context.bases.ensure({ product: record.product, osVersion: record.osVersion });
  return [...own, ...base.lower];
}

/** @throws WindowboxError `not-found`. */
export function holdImage(
  context: StoreContext,
  imageId: string,
  { holder, span = 'lasting' }: { readonly holder: string; readonly span?: HoldSpan | undefined },
): void {
  context.records.transaction(() => {
    if (!context.records.find(imageId)) throw noSuchImage(imageId);
    context.records.hold(holder, imageId, span);
  });
}

/** Lets go; an image that was removed by force meanwhile goes now. No error when nothing was held. */
export async function releaseImage(context: StoreContext, holder: string): Promise<void> {
  const { records } = context;
  const gone = records.transaction(() => {
    const id = records.heldBy(holder);
    records.release(holder);
    if (id === undefined || records.find(id)?.hidden !== true || records.holdersOf(id).length > 0) return false;
    records.delete(id);
    return true;
  });
  if (gone) await collectGarbage(context);
}
