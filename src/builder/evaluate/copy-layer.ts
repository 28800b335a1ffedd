import { tarEnd, tarHeader, tarPadding } from '../../platform/index.js';
import type { SelectedFile } from './select-files.js';

/** One thing that goes into the image: of a tree, or a text. */
export type CopyItem =
  | { readonly parts: readonly string[]; readonly from: SelectedFile }
  | { readonly parts: readonly string[]; readonly content: Uint8Array }
  | { readonly parts: readonly string[]; readonly folder: true };

/**
 * A Windows layer with these things on C:, as an unpacked tar stream. Folders above them are in it; of two things in one place the
 * later one counts. Names are checked by whoever unpacks it.
 */
export async function* copyLayer(items: readonly CopyItem[]): AsyncGenerator<Uint8Array, void, undefined> {
  const places = new Map<string, CopyItem>();
  for (const item of items) {
    for (let depth = 0; depth < item.parts.length; depth += 1) {
      const parts = item.parts.slice(0, depth);
      const key = keyOf(parts);
      if (!places.has(key)) places.set(key, { parts, folder: true });
    }
    const key = keyOf(item.parts);
    // A folder again is no news; it would only lose its place before what is in it.
    if (!(places.has(key) && isFolder(item))) places.set(key, item);
  }
  for (const key of [...places.keys()].sort()) {
    const item = places.get(key);
    if (item) yield* entryOf(item);
  }
  yield tarHeader({ name: 'Hives', type: 'folder' });
  yield tarEnd;
}

/** Sorts a folder before what is in it, whatever the other names are. */
function keyOf(parts: readonly string[]): string {
  return parts.map((part) => `${part.toUpperCase()}\u0000`).join('');
}

function isFolder(item: CopyItem): boolean {
  return 'folder' in item || ('from' in item && item.from.entry.type === 'folder');
}

async function* entryOf(item: CopyItem): AsyncGenerator<Uint8Array> {
  const name = ['Files', ...item.parts].join('/');
  if ('folder' in item) {
    yield tarHeader({ name, type: 'folder', modified: 0n });
    return;
  }
  if ('content' in item) {
    yield tarHeader({ name, type: 'file', size: item.content.length, modified: 0n });
    yield item.content;
    yield tarPadding(item.content.length);
    return;
  }
  const { tree, path, entry } = item.from;
  const { type, size, modified, linkName } = entry;
  if (type === 'symlink') yield tarHeader({ name, type, linkName: linkName.replaceAll('/', '\\'), modified });
  else if (type === 'folder') yield tarHeader({ name, type, modified });
  else {
    yield tarHeader({ name, type, size, modified, pax: entry.isReadOnly ? { 'MSWINDOWS.fileattr': '33' } : {} });
    yield* tree.read(path);
    yield tarPadding(size);
  }
}
