import { WindowboxError } from '../../errors/index.js';
import { readTar, type TarHeader } from '../../platform/index.js';
import type { FileTree } from './file-tree.js';
import { nodeTree } from './node-tree.js';
import { openSpool, type Spool } from './spool.js';
import {
  countNodes,
  emptyFolder,
  findNode,
  type FolderNode,
  linkNode,
  placeNode,
  placeOf,
  type TreeNode,
} from './tree-nodes.js';

/** A tree out of a tar stream. */
export interface SpooledTree extends FileTree {
  /** Names of entries that Windows has no kind for: devices, pipes. They are not in the tree. */
  readonly leftOut: readonly string[];
  close(): void;
}

/**
 * Takes a tar stream in: what the files hold into a spool, and where it lies in memory. Of two entries of one name the later one counts, as
 * where Docker unpacks.
 *
 * @throws WindowboxError `invalid-argument` with the name of an entry that reaches out, or that lies below a file or a link.
 */
export async function spoolTar(tar: AsyncIterable<Uint8Array>, parent: string): Promise<SpooledTree> {
  const spool = await openSpool(parent);
  const root = emptyFolder(0n);
  const count = countNodes();
  const leftOut: string[] = [];
  try {
    for await (const { header, body } of readTar(tar)) {
      const place = placeOf(header.name);
      if (header.type === 'other') leftOut.push(header.name);
      else if (place.length > 0) count(placeNode(root, { place, node: await makeNode({ root, spool }, header, body) }));
    }
  } catch (error) {
    spool.close();
    throw error;
  }
  return {
    ...nodeTree(root, { spool }),
    leftOut,
    close: () => {
      spool.close();
    },
  };
}

async function makeNode(
  { root, spool }: { readonly root: FolderNode; readonly spool: Spool },
  header: TarHeader,
  body: AsyncIterable<Uint8Array>,
): Promise<TreeNode> {
  const { type, modified, linkName } = header;
  if (type === 'folder') return emptyFolder(modified);
  if (type === 'symlink') return linkNode(modified, linkName);
  if (type === 'file') {
    const isReadOnly = (header.mode & 0o200) === 0;
    return { type, modified, isReadOnly, linkName: '', ...(await spool.take(body)) };
  }
  // Docker's client sends the second name of a file so.
  const first = findNode(root, placeOf(linkName));
  if (first?.type === 'file') return first;
  throw new WindowboxError(
    'invalid-argument',
    `Cannot unpack entry ${JSON.stringify(header.name)}: it links to ${JSON.stringify(linkName)}, which did not come before it`,
  );
}
