import { WindowboxError } from '../../errors/index.js';
import type { TreeEntry } from './file-tree.js';

/** Nodes are entries as they are: to make one of the other for each look at a tree costs more than the look. */
export interface FolderNode extends TreeEntry {
  readonly type: 'folder';
  modified: bigint;
  readonly children: Map<string, TreeNode>;
}

export interface FileNode extends TreeEntry {
  readonly type: 'file';
  /** Where its content begins in the spool; undefined as long as it is not here. */
  at: number | undefined;
  /** Of its content, in hexadecimal; undefined as long as nobody here has seen it. */
  sha256: string | undefined;
}

export interface LinkNode extends TreeEntry {
  readonly type: 'symlink';
}

export type TreeNode = FolderNode | FileNode | LinkNode;

export function emptyFolder(modified: bigint): FolderNode {
  return { type: 'folder', modified, children: new Map(), size: 0, isReadOnly: false, linkName: '' };
}

export function linkNode(modified: bigint, linkName: string): LinkNode {
  return { type: 'symlink', modified, linkName, size: 0, isReadOnly: false };
}

export function findNode(root: FolderNode, place: readonly string[]): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const name of place) node = node?.type === 'folder' ? node.children.get(name) : undefined;
  return node;
}

/** Puts a node into its place, in the place of what was there; a folder keeps what is in it. Folders above it are made. Answers how many nodes are new. */
export function placeNode(
  root: FolderNode,
  { place, node }: { readonly place: readonly string[]; readonly node: TreeNode },
): number {
  let folder = root;
  let made = 0;
  for (const [depth, name] of place.slice(0, -1).entries()) {
    const there = folder.children.get(name);
    const next = there ?? emptyFolder(0n);
    if (there === undefined) made += 1;
    if (next.type !== 'folder')
      throw cannotUnpack(
        place.join('/'),
        `${JSON.stringify(place.slice(0, depth + 1).join('/'))} is ${kinds[next.type]}, not a folder`,
      );
    folder.children.set(name, next);
    folder = next;
  }
  const name = place.at(-1) ?? '';
  const known = folder.children.get(name);
  if (known?.type === 'folder' && node.type === 'folder') known.modified = node.modified;
  else folder.children.set(name, node);
  return known === undefined ? made + 1 : made;
}

/** Counts the nodes of a tree, those folders too that no entry names; what it answers throws `resource-exhausted` for too many. */
export function countNodes(): (made: number) => void {
  let nodes = 0;
  return (made) => {
    nodes += made;
    if (nodes <= maxNodes) return;
    throw new WindowboxError(
      'resource-exhausted',
      `Cannot take the context: it has more than ${String(maxNodes)} files and folders`,
      { hint: 'Name what the build does not need in .dockerignore.' },
    );
  };
}

/** The names of an entry's place. @throws WindowboxError `invalid-argument` for one that is outside, or no place at all. */
export function placeOf(name: string): string[] {
  const parts = name
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || name.includes('\0')) throw cannotUnpack(name, 'it leads out of its folder');
  if (name.length > maxLength || parts.some((part) => part.length > maxPart))
    throw cannotUnpack(`${name.slice(0, 100)}…`, 'its name is too long');
  return parts;
}

function cannotUnpack(name: string, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot unpack entry ${JSON.stringify(name)}: ${reason}`);
}

const kinds = { file: 'a file', symlink: 'a link' } as const;
/** What Linux takes, and Windows about. */
const maxLength = 4095;
const maxPart = 255;
/** Each takes some 400 bytes of memory; a name of 4095 characters may be two thousand folders. */
const maxNodes = 1_000_000;
