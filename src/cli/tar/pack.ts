import { closeSync, createReadStream, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { Readable } from 'node:stream';
import { WindowboxError } from '../../errors/index.js';
import { tarEnd, tarHeader, tarPadding } from '../../platform/index.js';
import { type FolderEntry, modifiedOf, walkFolder, type WalkOptions } from './walk-folder.js';

/** A file or folder of this machine as a tar stream. Owners are root's and times whole, so that equal trees are equal streams. */
export function packTar(source: string, options: WalkOptions): Readable {
  const pieces = async function* pieces(): AsyncGenerator<Uint8Array> {
    yield* packEntries(walkFolder(source, options));
    yield tarEnd;
  };
  return Readable.from(pieces(), { objectMode: false, highWaterMark: pieceSize });
}

/**
 * Entries of a tar stream, without its end. Many small files are read into one piece: each piece more costs a stream's turn on both sides.
 *
 * @throws WindowboxError `conflict` for a file that became shorter.
 */
export async function* packEntries(entries: Iterable<FolderEntry>): AsyncGenerator<Uint8Array> {
  const piece = makePiece();
  for (const { path, name, info } of entries) {
    const head = headerOf(path, name, info);
    const isSmall = info.size <= small;
    if (piece.room() < head.length + small + longestPadding) yield* piece.take();
    piece.add(head);
    if (!info.isFile()) continue;
    if (isSmall) piece.read(path, info.size);
    else {
      yield* piece.take();
      yield* exactly(path, info.size);
    }
    piece.add(tarPadding(info.size));
  }
  yield* piece.take();
}

function headerOf(path: string, name: string, info: Stats): Buffer {
  const common = { name, mode: info.mode & 0o7777, modified: BigInt(modifiedOf(info)) * 1_000_000_000n };
  if (info.isDirectory()) return tarHeader({ ...common, type: 'folder' });
  if (info.isSymbolicLink()) return tarHeader({ ...common, type: 'symlink', linkName: readlinkSync(path) });
  return tarHeader({ ...common, type: 'file', size: info.size });
}

interface Piece {
  room(): number;
  add(bytes: Uint8Array): void;
  /** A file's content, at once: a thread's turn for each of many small files costs more than reading them. */
  read(path: string, size: number): void;
  take(): Iterable<Uint8Array>;
}

function makePiece(): Piece {
  let buffer = Buffer.allocUnsafeSlow(pieceSize);
  let [from, to] = [0, 0];
  return {
    room: () => buffer.length - to,
    add: (bytes) => {
      buffer.set(bytes, to);
      to += bytes.length;
    },
    read: (path, size) => {
      readInto(buffer.subarray(to, to + size), path);
      to += size;
    },
    take: () => {
      const taken = buffer.subarray(from, to);
      from = to;
      if (buffer.length - to < 2 * small) {
        buffer = Buffer.allocUnsafeSlow(pieceSize);
        [from, to] = [0, 0];
      }
      return taken.length === 0 ? [] : [taken];
    },
  };
}

/** As long as the header said: a file that changes under us must not break the archive. */
function readInto(target: Uint8Array, path: string): void {
  if (target.length === 0) return;
  const file = openSync(path, 'r');
  try {
    for (let done = 0; done < target.length;) {
      const count = readSync(file, target, done, target.length - done, done);
      if (count === 0) throw becameShorter(path);
      done += count;
    }
  } finally {
    closeSync(file);
  }
}

/** A large file, as long as the header said. */
async function* exactly(path: string, size: number): AsyncGenerator<Uint8Array> {
  let missing = size;
  for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: 1 << 18 })) {
    const data = Buffer.from(chunk);
    missing -= data.length;
    yield data;
  }
  if (missing > 0) throw becameShorter(path);
}

function becameShorter(path: string): WindowboxError {
  return new WindowboxError('conflict', `Cannot pack "${path}": it became shorter while it was read`);
}

export const pieceSize = 1 << 20;
const small = 1 << 18;
const longestPadding = 512;
