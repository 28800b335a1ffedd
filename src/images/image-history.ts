import { readImage } from './find-image.js';
import type { StoreContext } from './store-context.js';
import type { HistoryItem } from './types.js';

/** What the image was made of, newest first, with the size of each step above the base. */
export async function imageHistory(context: StoreContext, id: string): Promise<readonly HistoryItem[]> {
  const image = await readImage(context, id);
  const sizes = (context.records.find(id)?.chains ?? []).map((chain) => context.records.layer(chain)?.size ?? 0);
  const ancestors = [id, ...ancestorsOf(context, id)];
  let layer = 0;
  const entries = (image.config.history ?? []).map((entry) => {
    const position = entry.empty_layer === true ? undefined : layer++;
    return { entry, size: position === undefined ? 0 : (sizes[position - image.baseLayers] ?? 0) };
  });
  return entries.reverse().map(({ entry, size }, index) => {
    const own = ancestors[index];
    return {
      id: own ?? '<missing>',
      createdAt: entry.created ?? '',
      createdBy: entry.created_by ?? '',
      comment: entry.comment ?? '',
      names: own === undefined ? [] : namesOf(context, own, index === 0 ? image.names : undefined),
      size,
    };
  });
}

function namesOf(context: StoreContext, id: string, known: readonly string[] | undefined): readonly string[] {
  return known ?? context.records.namesOf(id);
}

/** Ids of the images that it was made from and that are still here, nearest first. */
export function ancestorsOf({ records }: Pick<StoreContext, 'records'>, id: string): string[] {
  const found: string[] = [];
  for (let next = records.find(id)?.parent ?? ''; next !== ''; next = records.find(next)?.parent ?? '')
    found.push(next);
  return found;
}
