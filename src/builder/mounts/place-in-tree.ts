import { type FileTree, spellingOf, type TreeEntry } from '../files/file-tree.js';

/** The longest beginning of a path in a tree that exists, spelled as it is there, and what it is. Links are not followed. */
export interface PlaceInTree {
  /** Names that exist. */
  readonly found: readonly string[];
  /** All of them do. */
  readonly whole: boolean;
  readonly kind: TreeEntry['type'];
}

/** Looks names up one below the other, with Windows' eyes for letters' case where `ignoreCase` says so. */
export function placeInTree(tree: FileTree, names: readonly string[], ignoreCase: boolean): PlaceInTree {
  const found: string[] = [];
  let kind: PlaceInTree['kind'] = 'folder';
  for (const name of names) {
    if (kind !== 'folder') break;
    const spelled = spellingOf(tree, { folder: found, name, ignoreCase });
    const entry = spelled === undefined ? undefined : tree.find([...found, spelled]);
    if (spelled === undefined || !entry) break;
    found.push(spelled);
    ({ type: kind } = entry);
  }
  return { found, whole: found.length === names.length, kind };
}
