import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { filterThrough, readTar } from '../../platform/index.js';
import { type SpooledTree, spoolTar } from '../files/spool-tar.js';
import type { SelectedFile } from './select-files.js';

/** Whether ADD unpacks a file: a tar archive, plain or packed, by its content and not by its name. */
export async function isArchive(file: SelectedFile): Promise<boolean> {
  const kind = await kindOf(file);
  if (kind === undefined) return false;
  try {
    for await (const _ of readTar(openPlain(file, kind))) return true;
  } catch {
    // A packed file that is no archive is copied as it is.
    return false;
  }
  return false;
}

/** The files of an archive; whoever opens it closes it. @throws WindowboxError `invalid-argument`. */
export async function openArchive(file: SelectedFile, scratch: string): Promise<SpooledTree> {
  return spoolTar(openPlain(file, (await kindOf(file)) ?? 'plain'), scratch);
}

type Kind = 'plain' | 'gzip' | 'bzip2' | 'xz' | 'zstd';

async function kindOf({ tree, path }: SelectedFile): Promise<Kind | undefined> {
  const head = Buffer.alloc(512);
  let length = 0;
  for await (const chunk of tree.read(path)) {
    head.set(chunk.subarray(0, head.length - length), length);
    length += chunk.length;
    if (length >= head.length) break;
  }
  if (head.toString('latin1', 257, 262) === 'ustar') return 'plain';
  if (head.readUInt16BE(0) === 0x1f8b) return 'gzip';
  if (head.toString('latin1', 0, 3) === 'BZh') return 'bzip2';
  if (head.toString('hex', 0, 6) === 'fd377a585a00') return 'xz';
  return head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : undefined;
}

function openPlain({ tree, path }: SelectedFile, kind: Kind): AsyncIterable<Uint8Array> {
  const source = tree.read(path);
  if (kind === 'plain') return source;
  if (kind !== 'gzip') return filterThrough(kind, ['-dc'], source);
  const packed = Readable.from(source);
  const filter = createGunzip();
  packed.on('error', (error) => filter.destroy(error));
  return packed.pipe(filter);
}
