import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The longest beginning of a path below a folder that exists, spelled as it is there, and what it is. Links are not followed. */
export interface PlaceInTree {
  /** Names that exist. */
  readonly found: readonly string[];
  /** All of them do. */
  readonly whole: boolean;
  readonly kind: 'file' | 'folder' | 'other';
}

/** Looks names up one below the other, with Windows' eyes for letters' case where `ignoreCase` says so. */
export function placeInTree(root: string, names: readonly string[], ignoreCase: boolean): PlaceInTree {
  const found: string[] = [];
  let kind: PlaceInTree['kind'] = 'folder';
  for (const name of names) {
    if (kind !== 'folder') break;
    const spelled = spellingOf(join(root, ...found), name, ignoreCase);
    if (spelled === undefined) break;
    found.push(spelled);
    const stats = lstatSync(join(root, ...found));
    kind = stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
  }
  return { found, whole: found.length === names.length, kind };
}

function spellingOf(folder: string, name: string, ignoreCase: boolean): string | undefined {
  if (lstatSync(join(folder, name), { throwIfNoEntry: false })) return name;
  if (!ignoreCase) return undefined;
  const folded = name.toLowerCase();
  return readdirSync(folder).find((one) => one.toLowerCase() === folded);
}
