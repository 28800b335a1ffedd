import type { Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileChange, Layer } from '../../runtime/index.js';
import { byText } from './by-text.js';
import { openFolder, within } from './walk.js';

/**
 * What a container changed on C:. The overlay's upper folder holds each name that was added or changed, so only its folders are
 * looked at; what is in a lower layer and not in the merged view was deleted. That comparison needs no knowledge of how overlayfs
 * marks a deletion or a folder that was made anew. The registry's files are no files of C:.
 *
 * `merged`: the container's C: as it is. Both trees are hostile and are read by handle, as {@link openFolder} says.
 */
export async function listChanges(layer: Layer, merged: string): Promise<readonly FileChange[]> {
  const changes: FileChange[] = [];
  const roots = await Promise.all([join(layer.folder, 'upper', 'drive_c'), merged].map(openIfThere));
  const [upper, view] = roots;
  try {
    if (upper !== undefined && view !== undefined) await compare({ layer, changes }, { upper, view, names: [] });
  } finally {
    await Promise.all(roots.map(async (root) => root?.close()));
  }
  return changes;
}

interface Comparison {
  readonly layer: Layer;
  readonly changes: FileChange[];
}

interface Folder {
  readonly upper: FileHandle;
  readonly view: FileHandle;
  readonly names: readonly string[];
}

async function compare(comparison: Comparison, folder: Folder): Promise<void> {
  const below = await lowerNames(comparison.layer, folder.names);
  const present = new Set(await readdir(within(folder.view, '.')));
  const changed = new Set(await readdir(within(folder.upper, '.')));
  for (const name of [...new Set([...below, ...changed])].sort(byText)) {
    const path = [...folder.names, name];
    const add = (kind: FileChange['kind']): void => {
      comparison.changes.push({ path: `C:\\${path.join('\\')}`, kind });
    };
    if (!present.has(name)) {
      if (below.has(name)) add('deleted');
    } else if (changed.has(name)) {
      add(below.has(name) ? 'modified' : 'added');
      await descend(comparison, folder, name);
    }
  }
}

async function descend(comparison: Comparison, folder: Folder, name: string): Promise<void> {
  const upper = await openFolder(folder.upper, name).catch(() => undefined);
  const view = upper && (await openFolder(folder.view, name).catch(() => undefined));
  try {
    if (upper && view) await compare(comparison, { upper, view, names: [...folder.names, name] });
  } finally {
    await upper?.close();
    await view?.close();
  }
}

/** The names that the lower layers together show in a folder of C:. They never change, so their paths may be used. */
async function lowerNames(layer: Layer, names: readonly string[]): Promise<Set<string>> {
  const seen = new Set<string>();
  for (const lower of layer.lower.toReversed()) {
    const folder = await plainFolder(lower, ['drive_c', ...names]);
    if (folder === undefined) continue;
    for (const name of await readdir(folder)) {
      if (isWhiteout(await lstat(join(folder, name)))) seen.delete(name);
      else seen.add(name);
    }
  }
  return seen;
}

/** The path of a folder below `root`; undefined when it is missing or a link or a file is on the way. */
async function plainFolder(root: string, names: readonly string[]): Promise<string | undefined> {
  let path = root;
  for (const name of names) {
    path = join(path, name);
    if ((await lstat(path).catch(() => undefined))?.isDirectory() !== true) return undefined;
  }
  return path;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch(() => undefined);
}

function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}
