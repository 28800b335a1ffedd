import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno, WindowboxError } from '../../errors/index.js';
import { foldName } from './entry-name.js';

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
 * and `foo` for one, overlayfs for two. So each name takes the spelling that it has below. A folder is named as an entry is
 * (`Files/dir`), spelled as on the disk.
 *
 * @throws WindowboxError `resource-exhausted` for a layer that would take endless memory or time.
 */
export interface FolderIndex {
  /** How the part is spelled in that folder on the disk, and what this layer has there itself. */
  find(folder: string, part: string): { readonly name: string; readonly own?: OwnKind };
  add(entry: { readonly folder: string; readonly name: string; readonly own: OwnKind }): void;
  /** The path on the disk of an entry. */
  path(entry: string): string;
}

export interface IndexLimits {
  /** Bytes, roughly, of names that are kept in memory; default 128 MiB. */
  readonly kept?: number;
  /** Names that are read from the disk again in all; default 20 million. */
  readonly reread?: number;
}

interface Names {
  readonly own: Map<string, { readonly name: string; readonly kind: OwnKind }>;
  readonly below: ReadonlyMap<string, string>;
  size: number;
  /** Since room was last made. */
  isUsed: boolean;
}

export function createFolderIndex(place: LayerPlace, limits: IndexLimits = {}): FolderIndex {
  const cache = createNameCache(limits);
  const path = (entry: string): string => {
    const [tree, rest] = splitTree(entry);
    return (tree === 'Files' ? join(place.root, 'drive_c') : join(place.meta, tree.toLowerCase())) + rest;
  };
  const load = (folder: string): Names =>
    cache.get(folder, () => ({ own: readOwn(path(folder)), below: readBelow(place, folder) }));
  return {
    path,
    find: (folder, part) => {
      const names = load(folder);
      const folded = foldName(part);
      const own = names.own.get(folded);
      return own ? { name: own.name, own: own.kind } : { name: names.below.get(folded) ?? part };
    },
    add: ({ folder, name, own }) => {
      load(folder).own.set(foldName(name), { name, kind: own });
      cache.grow(folder, name);
    },
  };
}

interface NameCache {
  get(folder: string, read: () => Pick<Names, 'own' | 'below'>): Names;
  grow(folder: string, name: string): void;
}

/** Forgets folders that were not used lately. Writers of layers go folder by folder; who jumps about pays, up to a limit. */
function createNameCache({ kept = 128 << 20, reread = 20_000_000 }: IndexLimits): NameCache {
  const cache = new Map<string, Names>();
  let [size, left] = [0, reread];
  const makeRoom = (folder: string): void => {
    for (const [name, names] of cache) {
      if (size <= kept) return;
      if (name === folder) continue;
      cache.delete(name);
      if (names.isUsed) cache.set(name, { ...names, isUsed: false });
      else size -= names.size;
    }
    if (size > kept) throw tooMuch(`the folder "${folder.slice(0, 200)}" has too many names`);
  };
  return {
    get: (folder, read) => {
      const known = cache.get(folder);
      if (known) {
        known.isUsed = true;
        return known;
      }
      const found = read();
      left -= found.own.size;
      if (left < 0) throw tooMuch('its entries jump between too many folders');
      const all = [...found.own.keys(), ...found.below.keys()];
      const cost = all.reduce((sum, name) => sum + costOf(name), costOf(folder));
      const names = { ...found, size: cost, isUsed: true };
      cache.set(folder, names);
      size += cost;
      makeRoom(folder);
      return names;
    },
    grow: (folder, name) => {
      const names = cache.get(folder);
      if (!names) return;
      names.size += costOf(name);
      size += costOf(name);
      makeRoom(folder);
    },
  };
}

/** A name is there as it is and folded. */
function costOf(name: string): number {
  return 2 * name.length + 80;
}

function splitTree(entry: string): [tree: string, rest: string] {
  const slash = entry.indexOf('/');
  return slash < 0 ? [entry, ''] : [entry.slice(0, slash), entry.slice(slash)];
}

function readOwn(path: string): Names['own'] {
  return new Map(
    readFolder(path).map((entry) => [foldName(entry.name), { name: entry.name, kind: kindOf(entry) }] as const),
  );
}

function readBelow(place: LayerPlace, folder: string): Map<string, string> {
  const below = new Map<string, string>();
  const [tree, rest] = splitTree(folder);
  if (tree !== 'Files') return below;
  for (const parent of place.parents)
    for (const { name } of readFolder(join(parent, 'drive_c') + rest)) {
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

function tooMuch(reason: string): WindowboxError {
  return new WindowboxError('resource-exhausted', `Cannot unpack layer: ${reason}`);
}
