import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { readTar, type TarHeader } from '../../platform/index.js';
import type { FileTree } from './file-tree.js';
import { emptyFolder, findNode, type FileNode, type FolderNode, placeNode, placeOf } from './tree-nodes.js';

/** A tree out of a tar stream. */
export interface SpooledTree extends FileTree {
  /** Names of entries that Windows has no kind for: devices, pipes. They are not in the tree. */
  readonly leftOut: readonly string[];
  close(): void;
}

/**
 * Takes a tar stream in: what the files hold in one file without a name, which goes with us whatever happens, and where it lies in memory. To make a
 * file of each would cost most of a cached build's time. Of two entries of one name the later one counts, as where Docker unpacks.
 *
 * @throws WindowboxError `invalid-argument` with the name of an entry that reaches out, or that lies below a file or a link.
 */
export async function spoolTar(tar: AsyncIterable<Uint8Array>, parent: string): Promise<SpooledTree> {
  const spool: Spool = { file: await openNameless(parent), root: emptyFolder(0n), end: 0, nodes: 0 };
  const leftOut: string[] = [];
  try {
    for await (const { header, body } of readTar(tar)) {
      const place = placeOf(header.name);
      if (header.type === 'other') leftOut.push(header.name);
      else if (place.length > 0)
        spool.nodes += placeNode(spool.root, { place, node: await makeNode(spool, header, body) });
      if (spool.nodes > maxNodes) throw tooMany();
    }
  } catch (error) {
    closeSync(spool.file);
    throw error;
  }
  return {
    ...treeOf(spool),
    leftOut,
    close: () => {
      closeSync(spool.file);
    },
  };
}

interface Spool {
  readonly file: number;
  readonly root: FolderNode;
  end: number;
  /** Files, folders and links, those folders too that no entry names. */
  nodes: number;
}

async function makeNode(
  spool: Spool,
  header: TarHeader,
  body: AsyncIterable<Uint8Array>,
): Promise<FolderNode | FileNode | { type: 'symlink'; modified: bigint; linkName: string }> {
  const { type, modified, linkName } = header;
  if (type === 'folder') return emptyFolder(modified);
  if (type === 'symlink') return { type, modified, linkName };
  if (type === 'file') return takeContent(spool, header, body);
  // Docker's client sends the second name of a file so.
  const first = findNode(spool.root, placeOf(linkName));
  if (first?.type === 'file') return first;
  throw new WindowboxError(
    'invalid-argument',
    `Cannot unpack entry ${JSON.stringify(header.name)}: it links to ${JSON.stringify(linkName)}, which did not come before it`,
  );
}

/** Synchronous calls: a thread's turn for each costs many times what they do. */
async function takeContent(spool: Spool, header: TarHeader, body: AsyncIterable<Uint8Array>): Promise<FileNode> {
  const hash = createHash('sha256');
  const at = spool.end;
  for await (const chunk of body) {
    hash.update(chunk);
    for (let done = 0; done < chunk.length;) {
      const count = writeSync(spool.file, chunk, done, chunk.length - done, spool.end);
      done += count;
      spool.end += count;
    }
  }
  const isReadOnly = (header.mode & 0o200) === 0;
  return { type: 'file', size: spool.end - at, modified: header.modified, isReadOnly, at, sha256: hash.digest('hex') };
}

function treeOf(spool: Spool): FileTree {
  const fileAt = (place: readonly string[]): FileNode => {
    const node = findNode(spool.root, place);
    if (node?.type === 'file') return node;
    throw new WindowboxError('internal', `Cannot read ${JSON.stringify(place.join('/'))}: it is no file`);
  };
  return {
    find: (place) => {
      const node = findNode(spool.root, place);
      return node && { size: 0, isReadOnly: false, linkName: '', ...node };
    },
    list: (place) => {
      const node = findNode(spool.root, place);
      if (node?.type !== 'folder') return [];
      return [...node.children].map(([name, { type }]) => ({ name, type })).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    read: (place) => readSpool(spool.file, fileAt(place)),
    digest: async (place) => Buffer.from(fileAt(place).sha256, 'hex'),
  };
}

async function* readSpool(file: number, { at, size }: FileNode): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size;) {
    const chunk = Buffer.allocUnsafe(Math.min(size - done, 1 << 18));
    const count = readSync(file, chunk, 0, chunk.length, at + done);
    if (count === 0) throw new WindowboxError('data-loss', 'Cannot read what was spooled: it became shorter');
    done += count;
    yield chunk.subarray(0, count);
  }
}

async function openNameless(parent: string): Promise<number> {
  const folder = await mkdtemp(join(parent, 'spool-'));
  try {
    const path = join(folder, 'content');
    const file = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return file;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function tooMany(): WindowboxError {
  return new WindowboxError(
    'resource-exhausted',
    `Cannot take the context: it has more than ${String(maxNodes)} files and folders`,
    { hint: 'Name what the build does not need in .dockerignore.' },
  );
}

/** Each takes some 400 bytes of memory; a name of 4095 characters may be two thousand folders. */
const maxNodes = 1_000_000;
