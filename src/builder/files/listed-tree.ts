import { WindowboxError } from '../../errors/index.js';
import { createMutex, readTar, type TarEntry } from '../../platform/index.js';
import type { ContextRecord, ContextRecords, KnownFile } from './context-records.js';
import type { Bringing, FileTree } from './file-tree.js';
import type { KeptSpools } from './kept-spools.js';
import { nodeTree } from './node-tree.js';
import { openSpool, type Spool } from './spool.js';
import {
  countNodes,
  emptyFolder,
  type FileNode,
  type FolderNode,
  linkNode,
  placeNode,
  placeOf,
  type TreeNode,
} from './tree-nodes.js';

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
  readonly spools: KeptSpools;
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
  const { root, files, numbers } = await readList(listing.entries, known);
  const kept = options.spools.take(listing.key);
  for (const file of files) if (file?.node.sha256 !== undefined) file.node.at ??= kept?.contents.get(file.node.sha256);
  const spool = kept?.spool ?? (await openSpool(options.parent));
  const arriving: Arriving = { contents: readTar(listing.contents), spool, signal: options.signal };
  // Stages that are built at the same time ask one after the other.
  const turns = createMutex();
  const bring = async (nodes: readonly FileNode[], what: Bringing): Promise<void> =>
    turns.run(async () => {
      const missing = new Set(nodes.filter(({ at, sha256 }) => (what === 'content' ? at : sha256) === undefined));
      const wanted = [...missing].flatMap((node) => numbers.get(node) ?? []);
      if (wanted.length === 0) return;
      await options.ask(wanted, async () => {
        const listed = wanted.flatMap((number) => files[number] ?? []);
        return receive(arriving, listed);
      });
    });
  return {
    ...nodeTree(root, { spool, bring }),
    close: async () => {
      const found = files.filter((file) => file !== undefined);
      const contents = contentsOf(found);
      // Of one that was written to for long most may be of no more use.
      if (listing.key === '' || spool.size() > 2 * contents.bytes + slack) spool.close();
      else options.spools.keep(listing.key, { spool, contents: contents.places });
      if (listing.key === '' || isKnown(found, known)) return;
      // A build that has come to its end does not fail by this: the next one asks for more than it had to.
      await options.records.write(listing.key, recordOf(found)).catch(() => {});
    },
  };
}

interface ListedFile {
  readonly entry: FileEntry;
  readonly node: FileNode;
}

type FileEntry = Extract<ListedEntry, { type: 'file' }>;

interface ReadList {
  readonly root: FolderNode;
  /** By the number of their line; undefined: a folder or a link. */
  readonly files: readonly (ListedFile | undefined)[];
  readonly numbers: ReadonlyMap<FileNode, number>;
}

async function readList(entries: Listing['entries'], known: ContextRecord): Promise<ReadList> {
  const root = emptyFolder(0n);
  const files: (ListedFile | undefined)[] = [];
  const numbers = new Map<FileNode, number>();
  const count = countNodes();
  const nanoseconds = makeNanoseconds();
  for await (const some of entries)
    for (const entry of some) {
      const place = placeOf(entry.path);
      const modified = nanoseconds(entry.modified);
      let node: TreeNode;
      let file: ListedFile | undefined;
      if (entry.type === 'folder') node = emptyFolder(modified);
      else if (entry.type === 'symlink') node = linkNode(modified, entry.linkName);
      else {
        node = fileNode(entry, modified, known.get(entry.path));
        file = { entry, node };
        numbers.set(node, files.length);
      }
      files.push(file);
      if (place.length > 0) count(placeNode(root, { place, node }));
    }
  return { root, files, numbers };
}

/** Most files of a folder have few times: each is made once. */
function makeNanoseconds(): (seconds: number) => bigint {
  const known = { seconds: 0, nanoseconds: 0n };
  return (seconds) => {
    if (known.seconds !== seconds) {
      known.seconds = seconds;
      known.nanoseconds = BigInt(seconds) * 1_000_000_000n;
    }
    return known.nanoseconds;
  };
}

function fileNode(entry: FileEntry, modified: bigint, known: KnownFile | undefined): FileNode {
  const { size, isReadOnly, stamp } = entry;
  const isEmpty = size === 0;
  const sha256 = known !== undefined && known.stamp === stamp ? known.sha256 : undefined;
  return {
    type: 'file',
    modified,
    size,
    isReadOnly,
    linkName: '',
    at: isEmpty ? 0 : undefined,
    sha256: isEmpty ? emptySha256 : sha256,
  };
}

interface Arriving {
  readonly contents: AsyncIterator<TarEntry>;
  readonly spool: Spool;
  readonly signal: AbortSignal;
}

async function receive({ contents, spool, signal }: Arriving, wanted: readonly ListedFile[]): Promise<number> {
  let bytes = 0;
  for (const {
    node,
    entry: { path },
  } of wanted) {
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

function contentsOf(files: readonly ListedFile[]): { readonly bytes: number; readonly places: Map<string, number> } {
  const places = new Map<string, number>();
  let bytes = 0;
  for (const { node } of files) {
    if (node.at === undefined || node.sha256 === undefined || node.size === 0 || places.has(node.sha256)) continue;
    places.set(node.sha256, node.at);
    bytes += node.size;
  }
  return { bytes, places };
}

/** Whether the record says all of this already, and nothing else. */
function isKnown(files: readonly ListedFile[], record: ContextRecord): boolean {
  let same = 0;
  for (const file of files) {
    if (!isRecorded(file)) continue;
    const known = record.get(file.entry.path);
    if (known?.stamp !== file.entry.stamp || known.sha256 !== file.node.sha256) return false;
    same += 1;
  }
  return same === record.size;
}

function recordOf(files: readonly ListedFile[]): ContextRecord {
  const record = new Map<string, KnownFile>();
  for (const file of files)
    if (isRecorded(file)) record.set(file.entry.path, { stamp: file.entry.stamp, sha256: file.node.sha256 ?? '' });
  return record;
}

/** A NUL would be the end of a field. */
function isRecorded({ entry: { stamp, size }, node: { sha256 } }: ListedFile): boolean {
  return stamp !== '' && !stamp.includes('\0') && size > 0 && sha256 !== undefined;
}

const slack = 1 << 20;
const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
