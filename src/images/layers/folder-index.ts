import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../../errors/index.js';
import { foldName, formatEntryName, type LayerTree } from './entry-name.js';

/** Where a layer is being put together, and what lies below it. */
export interface LayerPlace {
  /** `drive_c` is C:. */
  readonly root: string;
  /** For what the root cannot hold. */
  readonly meta: string;
  /** Roots of the layers below, topmost first. */
  readonly parents: readonly string[];
}

export type OwnKind = 'file' | 'folder' | 'link' | 'whiteout';

/**
 * Finds names without regard to case, in the layer that is being made and, for their spelling, in those below: Windows takes `FOO`
 * and `foo` for one, overlayfs for two. So each name takes the spelling that it has below.
 */
export interface FolderIndex {
  /** How the part is spelled in that folder on the disk, and what this layer has there itself. */
  find(tree: LayerTree, folder: readonly string[], part: string): { readonly name: string; readonly own?: OwnKind };
  add(entry: { tree: LayerTree; folder: readonly string[]; name: string; own: OwnKind }): void;
  /** The path on the disk. */
  path(tree: LayerTree, parts: readonly string[]): string;
}

interface Names {
  readonly own: Map<string, { readonly name: string; readonly kind: OwnKind }>;
  readonly below: Map<string, string>;
}

export function createFolderIndex(place: LayerPlace): FolderIndex {
  const cache = new Map<string, Names>();
  const path = (tree: LayerTree, parts: readonly string[]): string =>
    join(tree === 'Files' ? join(place.root, 'drive_c') : join(place.meta, tree.toLowerCase()), ...parts);

  const load = (tree: LayerTree, folder: readonly string[]): Names => {
    const key = formatEntryName(tree, folder);
    const known = cache.get(key);
    if (known) {
      // The folder used last is the last in the map: the first one is the one to forget.
      cache.delete(key);
      cache.set(key, known);
      return known;
    }
    const names = { own: readOwn(path(tree, folder)), below: readBelow(place, tree, folder) };
    cache.set(key, names);
    const oldest = cache.size > maxCached ? cache.keys().next() : undefined;
    if (oldest?.done === false) cache.delete(oldest.value);
    return names;
  };
  return {
    path,
    find: (tree, folder, part) => {
      const names = load(tree, folder);
      const folded = foldName(part);
      const own = names.own.get(folded);
      return own ? { name: own.name, own: own.kind } : { name: names.below.get(folded) ?? part };
    },
    add: ({ tree, folder, name, own }) => {
      load(tree, folder).own.set(foldName(name), { name, kind: own });
    },
  };
}

function readOwn(path: string): Names['own'] {
  return new Map(
    readFolder(path).map((entry) => [foldName(entry.name), { name: entry.name, kind: kindOf(entry) }] as const),
  );
}

function readBelow(place: LayerPlace, tree: LayerTree, folder: readonly string[]): Map<string, string> {
  const below = new Map<string, string>();
  if (tree !== 'Files') return below;
  for (const parent of place.parents)
    for (const { name } of readFolder(join(parent, 'drive_c', ...folder))) {
      const folded = foldName(name);
      if (!below.has(folded)) below.set(folded, name);
    }
  return below;
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return [];
    throw error;
  }
}

function kindOf(entry: Dirent): OwnKind {
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return 'link';
  return entry.isCharacterDevice() ? 'whiteout' : 'file';
}

/** Folders whose names are kept in memory; more are read again from the disk. */
const maxCached = 8192;
