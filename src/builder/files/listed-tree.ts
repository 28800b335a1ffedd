import { WindowboxError } from '../../errors/index.js';
import { createMutex, readTar, type TarEntry } from '../../platform/index.js';
import type { ContextRecord, ContextRecords, KnownFile } from './context-records.js';
import type { Bringing, FileTree } from './file-tree.js';
import { nodeTree } from './node-tree.js';
import { openSpool, type Spool } from './spool.js';
import { countNodes, emptyFolder, type FileNode, type FolderNode, placeNode, placeOf } from './tree-nodes.js';

/** A file, folder or link that a client has, without what is in it. Times in seconds since 1970. */
export type ListedEntry =
  | {
      readonly type: 'file';
      readonly path: string;
      readonly modified: number;
      readonly size: number;
      readonly isReadOnly: boolean;
      /** Changes whenever the content does; empty where the client cannot tell. */
      readonly stamp: string;
    }
  | { readonly type: 'folder'; readonly path: string; readonly modified: number }
  | { readonly type: 'symlink'; readonly path: string; readonly modified: number; readonly linkName: string };

/** A context whose files stay with the client until they are asked for. */
export interface Listing {
  /** Names the folder and its owner; empty for one of which nothing is to be remembered. */
  readonly key: string;
  readonly entries: AsyncIterable<readonly ListedEntry[]>;
  /** A tar stream of the files that were asked for, in that order. */
  readonly contents: AsyncIterable<Uint8Array>;
}

export interface ListedTreeOptions {
  readonly parent: string;
  readonly records: ContextRecords;
  readonly ask: Ask;
  readonly signal: AbortSignal;
}

/** Asks the client for files, by their numbers in the list, and takes them with `receive`, which answers how many bytes they are. */
export type Ask = (numbers: readonly number[], receive: () => Promise<number>) => Promise<void>;

export interface ListedTree extends FileTree {
  /** Keeps the digests that were found for the next build. */
  close(): Promise<void>;
}

/**
 * A tree out of a list. Digests are known from earlier builds where the client's stamps are the same; what else is needed is asked for, each file once.
 *
 * @throws WindowboxError `invalid-argument` as where a tar stream is taken in; later `conflict` for a file that is no more what the list said.
 */
export async function openListedTree(listing: Listing, options: ListedTreeOptions): Promise<ListedTree> {
  const known = listing.key === '' ? new Map<string, KnownFile>() : await options.records.read(listing.key);
  const { root, files } = await readList(listing.entries, known);
  const spool = await openSpool(options.parent);
  const arriving: Arriving = { contents: readTar(listing.contents), spool, signal: options.signal };
  // Stages that are built at the same time ask one after the other.
  const turns = createMutex();
  const bring = async (nodes: readonly FileNode[], what: Bringing): Promise<void> =>
    turns.run(async () => {
      const missing = [...new Set(nodes)].filter(({ at, sha256 }) => (what === 'content' ? at : sha256) === undefined);
      const wanted = missing.flatMap((node) => files.get(node) ?? []);
      if (wanted.length === 0) return;
      await options.ask(
        wanted.map(({ number }) => number),
        async () => receive(arriving, wanted),
      );
    });
  return {
    ...nodeTree(root, { bring, read: ({ at = 0, size }) => spool.read({ at, size }) }),
    close: async () => {
      spool.close();
      const found = recordOf(files.values());
      if (listing.key === '' || isSame(found, known)) return;
      // A build that has come to its end does not fail by this: the next one asks for more than it had to.
      await options.records.write(listing.key, found).catch(() => {});
    },
  };
}

interface ListedFile {
  readonly number: number;
  readonly path: string;
  readonly stamp: string;
  readonly node: FileNode;
}

async function readList(
  entries: Listing['entries'],
  known: ContextRecord,
): Promise<{ readonly root: FolderNode; readonly files: ReadonlyMap<FileNode, ListedFile> }> {
  const root = emptyFolder(0n);
  const files = new Map<FileNode, ListedFile>();
  const count = countNodes();
  let number = -1;
  for await (const some of entries)
    for (const entry of some) {
      number += 1;
      const place = placeOf(entry.path);
      if (place.length === 0) continue;
      const modified = BigInt(entry.modified) * 1_000_000_000n;
      if (entry.type === 'folder') count(placeNode(root, { place, node: emptyFolder(modified) }));
      else if (entry.type === 'symlink')
        count(placeNode(root, { place, node: { type: 'symlink', modified, linkName: entry.linkName } }));
      else {
        const node = fileNode(entry, known.get(entry.path));
        files.set(node, { number, path: entry.path, stamp: entry.stamp, node });
        count(placeNode(root, { place, node }));
      }
    }
  return { root, files };
}

function fileNode(entry: Extract<ListedEntry, { type: 'file' }>, known: KnownFile | undefined): FileNode {
  const { type, size, isReadOnly, stamp } = entry;
  const common = { type, size, isReadOnly, modified: BigInt(entry.modified) * 1_000_000_000n };
  if (size === 0) return { ...common, at: 0, sha256: emptySha256 };
  return { ...common, at: undefined, sha256: known !== undefined && known.stamp === stamp ? known.sha256 : undefined };
}

interface Arriving {
  readonly contents: AsyncIterator<TarEntry>;
  readonly spool: Spool;
  readonly signal: AbortSignal;
}

async function receive({ contents, spool, signal }: Arriving, wanted: readonly ListedFile[]): Promise<number> {
  let bytes = 0;
  for (const { node, path } of wanted) {
    if (signal.aborted) throw new WindowboxError('cancelled', 'build cancelled');
    const next = await contents.next();
    if (next.done === true) throw notSent(path, 'the client ended before');
    const { header, body } = next.value;
    if (header.type !== 'file' || header.name !== path)
      throw notSent(path, `the client sent ${JSON.stringify(header.name)}, which was not asked for`);
    if (header.size !== node.size) throw changed(path);
    const { at, sha256 } = await spool.take(body);
    const isOther = node.sha256 !== undefined && node.sha256 !== sha256;
    // Forgotten too, or the next build would believe the stamp again.
    if (isOther) node.sha256 = undefined;
    if (isOther) throw changed(path);
    node.at = at;
    node.sha256 = sha256;
    bytes += node.size;
  }
  return bytes;
}

function notSent(path: string, why: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot take ${JSON.stringify(path)} from the client: ${why}`);
}

function changed(path: string): WindowboxError {
  return new WindowboxError('conflict', `Cannot use ${JSON.stringify(path)}: it changed while the build ran`, {
    hint: 'Run the build again.',
  });
}

function recordOf(files: Iterable<ListedFile>): ContextRecord {
  const record = new Map<string, KnownFile>();
  for (const { path, stamp, node } of files)
    // A NUL would be the end of a field.
    if (stamp !== '' && !stamp.includes('\0') && node.size > 0 && node.sha256 !== undefined)
      record.set(path, { stamp, sha256: node.sha256 });
  return record;
}

function isSame(one: ContextRecord, other: ContextRecord): boolean {
  if (one.size !== other.size) return false;
  for (const [path, { stamp, sha256 }] of one) {
    const known = other.get(path);
    if (known?.stamp !== stamp || known.sha256 !== sha256) return false;
  }
  return true;
}

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
