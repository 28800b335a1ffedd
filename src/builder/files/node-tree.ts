import { WindowboxError } from '../../errors/index.js';
import type { Bringing, FileTree } from './file-tree.js';
import type { Spool } from './spool.js';
import { type FileNode, findNode, type FolderNode } from './tree-nodes.js';

/** Where the content of a tree's files is. */
export interface NodeContents {
  readonly spool: Spool;
  /** Afterwards the nodes have what is asked for. Default: all is in the spool. */
  readonly bring?: (nodes: readonly FileNode[], what: Bringing) => Promise<void>;
}

/** The tree of nodes in memory. */
export function nodeTree(root: FolderNode, { spool, bring = async () => {} }: NodeContents): FileTree {
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
    bring: async (places, what) => bring(places.map(fileAt), what),
    read: async function* read(place) {
      const node = fileAt(place);
      if (node.at === undefined) await bring([node], 'content');
      yield* spool.read({ at: node.at ?? 0, size: node.size });
    },
    digest: async (place) => {
      const node = fileAt(place);
      if (node.sha256 === undefined) await bring([node], 'digest');
      return Buffer.from(node.sha256 ?? '', 'hex');
    },
  };
}
