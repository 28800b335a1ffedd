import { WindowboxError } from '../../errors/index.js';
import type { Bringing, FileTree } from './file-tree.js';
import { type FileNode, findNode, type FolderNode } from './tree-nodes.js';

/** Where the content of a tree's files is. */
export interface NodeContents {
  /** Afterwards the nodes have what is asked for. */
  bring(nodes: readonly FileNode[], what: Bringing): Promise<void>;
  /** Of a node that was brought. */
  read(node: FileNode): AsyncIterable<Uint8Array>;
}

/** The tree of nodes in memory. */
export function nodeTree(root: FolderNode, contents: NodeContents): FileTree {
  const fileAt = (place: readonly string[]): FileNode => {
    const node = findNode(root, place);
    if (node?.type === 'file') return node;
    throw new WindowboxError('internal', `Cannot read ${JSON.stringify(place.join('/'))}: it is no file`);
  };
  return {
    find: (place) => findNode(root, place),
    list: (place) => {
      const node = findNode(root, place);
      if (node?.type !== 'folder') return [];
      return [...node.children].map(([name, { type }]) => ({ name, type })).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    bring: async (places, what) => contents.bring(places.map(fileAt), what),
    read: async function* read(place) {
      const node = fileAt(place);
      if (node.at === undefined) await contents.bring([node], 'content');
      yield* contents.read(node);
    },
    digest: async (place) => {
      const node = fileAt(place);
      if (node.sha256 === undefined) await contents.bring([node], 'digest');
      return Buffer.from(node.sha256 ?? '', 'hex');
    },
  };
}
