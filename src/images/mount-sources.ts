import { ancestorsOf } from './image-history.js';
import type { ImageRecord } from './image-records.js';
import type { StoreContext } from './store-context.js';

/**
 * Repositories (`domain/path`) of the target's registry that should have what an image consists of: those that the image itself or one that it was
 * made from came from or went to, and for the base those of others on it. Few, since each costs a request.
 */
export function mountSources(
  { records }: Pick<StoreContext, 'records'>,
  record: ImageRecord,
  target: { readonly domain: string; readonly path: string },
): { readonly own: readonly string[]; readonly base: readonly string[] } {
  const there = (ids: readonly string[]): readonly string[] =>
    [...new Set(ids.flatMap((id) => records.digestsOf(id).map(({ repository }) => repository)))].filter(
      (name) => name.startsWith(`${target.domain}/`) && name !== `${target.domain}/${target.path}`,
    );
  const own = there([record.id, ...ancestorsOf({ records }, record.id)]).slice(0, most);
  const onBase = records
    .all()
    .filter(({ product, osVersion }) => product === record.product && osVersion === record.osVersion)
    .map(({ id }) => id);
  return { own, base: [...new Set([...own, ...there(onBase)])].slice(0, most) };
}

const most = 4;
