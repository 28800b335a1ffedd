import { closeSync, createReadStream, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
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
  return Readable.from(pieces(source, options), { objectMode: false, highWaterMark: 1 << 18 });
}

async function* pieces(source: string, options: PackOptions): AsyncGenerator<Uint8Array> {
  yield* packEntry({ source, below: '', options });
  yield tarEnd;
}

interface Place {
  readonly source: string;
  /** Path below the top; empty at the top itself. */
  readonly below: string;
  readonly options: PackOptions;
}

async function* packEntry(place: Place): AsyncGenerator<Uint8Array> {
  const { source, below, options } = place;
  const path = below === '' ? source : join(source, below);
  const info = below === '' && options.followTop === true ? statSync(path) : lstatSync(path);
  const name = [options.as, below].filter((part) => part !== '').join('/');
  const leftOut = below !== '' && options.leaveOut?.(below) === true;
  if (name !== '' && !leftOut) yield* packOne(path, name, info);
  if (!info.isDirectory()) return;
  for (const child of (await readdir(path)).sort())
    yield* packEntry({ source, below: below === '' ? child : `${below}/${child}`, options });
}

async function* packOne(path: string, name: string, info: Stats): AsyncGenerator<Uint8Array> {
  const common = { name, mode: info.mode & 0o7777, modified: BigInt(Math.floor(info.mtimeMs / 1000)) * 1_000_000_000n };
  if (info.isDirectory()) {
    yield tarHeader({ ...common, type: 'folder' });
  } else if (info.isSymbolicLink()) {
    yield tarHeader({ ...common, type: 'symlink', linkName: await readlink(path) });
  } else if (info.isFile()) {
    yield tarHeader({ ...common, type: 'file', size: info.size });
    yield* exactly(path, info.size);
    yield tarPadding(info.size);
  }
  // Sockets, pipes and devices have no meaning in a container: left out, as Docker does with sockets.
}

/** The file's content, as long as the header said: one that changes under us must not break the archive. */
async function* exactly(path: string, size: number): AsyncGenerator<Uint8Array> {
  if (size === 0) return;
  if (size <= small) {
    yield readSmall(path, size);
    return;
  }
  let missing = size;
  for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: 1 << 18 })) {
    const data = Buffer.from(chunk);
    missing -= data.length;
    yield data;
  }
  if (missing > 0) throw becameShorter(path);
}

/** At once: a thread's turn for each of many small files costs more than reading them. */
function readSmall(path: string, size: number): Buffer {
  const data = Buffer.allocUnsafe(size);
  const file = openSync(path, 'r');
  try {
    for (let done = 0; done < size;) {
      const count = readSync(file, data, done, size - done, done);
      if (count === 0) throw becameShorter(path);
      done += count;
    }
  } finally {
    closeSync(file);
  }
  return data;
}

function becameShorter(path: string): WindowboxError {
  return new WindowboxError('conflict', `Cannot pack "${path}": it became shorter while it was read`);
}

const small = 1 << 18;
