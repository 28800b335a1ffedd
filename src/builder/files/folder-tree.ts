import { createHash } from 'node:crypto';
import { createReadStream, type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileTree, TreeEntry } from './file-tree.js';

/** A folder of this machine, as it is when it is looked at. */
export function folderTree(root: string): FileTree {
  const pathOf = (place: readonly string[]): string => join(root, ...place);
  return {
    find: (place) => {
      const stats = lstatSync(pathOf(place), { throwIfNoEntry: false });
      const type = stats && typeOf(stats);
      if (!stats || type === undefined) return undefined;
      return {
        type,
        size: type === 'file' ? stats.size : 0,
        modified: BigInt(Math.round(stats.mtimeMs * 1000)) * 1000n,
        isReadOnly: type === 'file' && (stats.mode & 0o200) === 0,
        linkName: type === 'symlink' ? readlinkSync(pathOf(place)) : '',
      };
    },
    list: (place) =>
      readdirSync(pathOf(place), { withFileTypes: true })
        .flatMap((entry) => {
          const type = typeOf(entry);
          return type === undefined ? [] : [{ name: entry.name, type }];
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    bring: async () => {},
    read: (place) => readPath(pathOf(place)),
    digest: async (place) => {
      const hash = createHash('sha256');
      for await (const chunk of readPath(pathOf(place))) hash.update(chunk);
      return hash.digest();
    },
  };
}

async function* readPath(path: string): AsyncGenerator<Uint8Array> {
  if (lstatSync(path).size <= small) yield await readFile(path);
  else
    for await (const chunk of createReadStream(path, { highWaterMark: small }))
      if (chunk instanceof Uint8Array) yield chunk;
}

function typeOf(found: Stats | Dirent): TreeEntry['type'] | undefined {
  if (found.isDirectory()) return 'folder';
  if (found.isSymbolicLink()) return 'symlink';
  return found.isFile() ? 'file' : undefined;
}

const small = 1 << 18;
