import { createReadStream, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tarEnd, tarHeader, tarPadding } from '../../platform/index.js';
import type { SelectedFile } from './select-files.js';

/** One thing that goes into the image: from this machine, or a text. */
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
  return 'folder' in item || ('from' in item && item.from.type === 'folder');
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
  const { path, type, stats } = item.from;
  const modified = BigInt(Math.round(stats.mtimeMs * 1000)) * 1000n;
  if (type === 'symlink') yield tarHeader({ name, type, linkName: readlinkSync(path).replaceAll('/', '\\'), modified });
  else if (type === 'folder') yield tarHeader({ name, type, modified });
  else {
    const pax = stats.mode & 0o200 ? {} : { 'MSWINDOWS.fileattr': '33' };
    yield tarHeader({ name, type, size: stats.size, modified, pax });
    if (stats.size <= 1 << 18) yield await readFile(path);
    else
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }))
        if (chunk instanceof Uint8Array) yield chunk;
    yield tarPadding(stats.size);
  }
}
