import {
  closeSync,
  createReadStream,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { WindowboxError } from '../../errors/index.js';
import { tarEnd, tarHeader, tarPadding } from '../../platform/index.js';

export interface PackOptions {
  /** The path inside of the archive at which the source stands; empty: the source's content is the archive's top. */
  readonly as: string;
  /** Which paths below the source, with `/` between, are left out; a folder that is left out is still looked into. */
  readonly leaveOut?: (path: string) => boolean;
  /** Follow a link at the source itself. */
  readonly followTop?: boolean;
}

/** A file or folder of this machine as a tar stream. Owners are root's and times whole, so that equal trees are equal streams. */
export function packTar(source: string, options: PackOptions): Readable {
  return Readable.from(pieces(source, options), { objectMode: false, highWaterMark: pieceSize });
}

/** Many small files are read into one piece: each piece more costs a stream's turn on both sides. */
async function* pieces(source: string, options: PackOptions): AsyncGenerator<Uint8Array> {
  const piece = makePiece();
  for (const { path, name, info } of entriesOf({ source, below: '', options })) {
    const head = headerOf(path, name, info);
    const isSmall = info.size <= small;
    if (piece.room() < head.length + small + tarEnd.length) yield* piece.take();
    piece.add(head);
    if (!info.isFile()) continue;
    if (isSmall) piece.read(path, info.size);
    else {
      yield* piece.take();
      yield* exactly(path, info.size);
    }
    piece.add(tarPadding(info.size));
  }
  piece.add(tarEnd);
  yield* piece.take();
}

interface Place {
  readonly source: string;
  /** Path below the top; empty at the top itself. */
  readonly below: string;
  readonly options: PackOptions;
}

interface Entry {
  readonly path: string;
  readonly name: string;
  readonly info: Stats;
}

function* entriesOf(place: Place): Generator<Entry> {
  const { source, below, options } = place;
  const path = below === '' ? source : join(source, below);
  const info = below === '' && options.followTop === true ? statSync(path) : lstatSync(path);
  const name = [options.as, below].filter((part) => part !== '').join('/');
  const leftOut = below !== '' && options.leaveOut?.(below) === true;
  // Sockets, pipes and devices have no meaning in a container: left out, as Docker does with sockets.
  const isKnown = info.isFile() || info.isDirectory() || info.isSymbolicLink();
  if (name !== '' && !leftOut && isKnown) yield { path, name, info };
  if (!info.isDirectory()) return;
  for (const child of readdirSync(path).sort())
    yield* entriesOf({ source, below: below === '' ? child : `${below}/${child}`, options });
}

function headerOf(path: string, name: string, info: Stats): Buffer {
  const common = { name, mode: info.mode & 0o7777, modified: BigInt(Math.floor(info.mtimeMs / 1000)) * 1_000_000_000n };
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

const pieceSize = 1 << 20;
const small = 1 << 18;
