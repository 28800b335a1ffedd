import { WindowboxError } from '../errors/index.js';
import { familiarReference, formatReference, parseReference, withDefaultTag } from '../oci/index.js';
import type { StoreContext } from './store-context.js';

/**
 * Gives an image another name; a name that another image has moves over.
 *
 * @throws WindowboxError `invalid-argument` for a name that is none or that carries a digest, with Docker's text.
 */
export function tagImage(context: StoreContext, id: string, name: string): void {
  nameImages(context, [id], name);
}

/** One name for several builds of one image; which of them is meant is decided by the host when the name is used. */
export function nameImages(context: StoreContext, ids: readonly string[], name: string): void {
  const reference = withDefaultTag(parseReference(name));
  if (reference.digest !== undefined)
    throw new WindowboxError('invalid-argument', 'refusing to create a tag with a digest reference');
  context.records.transaction(() => {
    context.records.setName(formatReference(reference), ids, Date.now());
  });
  for (const id of ids) context.emit({ action: 'tag', imageId: id, reference: familiarReference(reference) });
}
