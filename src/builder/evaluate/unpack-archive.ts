import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { WindowboxError } from '../../errors/index.js';
import { filterThrough, readTar } from '../../platform/index.js';
import type { CopyItem } from './copy-layer.js';

/** Whether ADD unpacks a file: a tar archive, plain or packed, by its content and not by its name. */
export async function isArchive(path: string): Promise<boolean> {
  const kind = await kindOf(path);
  if (kind === undefined) return false;
  try {
    for await (const _ of readTar(openPlain(path, kind))) return true;
  } catch {
    // A packed file that is no archive is copied as it is.
    return false;
  }
  return false;
}

/** The files of an archive, below a place. @throws WindowboxError `invalid-argument`. */
export async function unpackArchive(path: string, top: readonly string[]): Promise<CopyItem[]> {
  const items: CopyItem[] = [];
  let total = 0;
  for await (const { header, body } of readTar(openPlain(path, (await kindOf(path)) ?? 'plain'))) {
    const parts = [...top, ...header.name.split('/').filter((part) => part !== '' && part !== '.')];
    if (header.name.split('/').includes('..'))
      throw new WindowboxError('invalid-argument', `Cannot unpack "${header.name}": it leads out of its folder`);
    if (header.type === 'folder') items.push({ parts, folder: true });
    if (header.type !== 'file') continue;
    total += header.size;
    if (total > maxBytes)
      throw new WindowboxError('unsupported', `Cannot unpack archive: more than ${String(maxBytes)} bytes`, {
        hint: 'Unpack it in a RUN step, or copy a folder.',
      });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    items.push({ parts, content: Buffer.concat(chunks) });
  }
  return items;
}

type Kind = 'plain' | 'gzip' | 'bzip2' | 'xz' | 'zstd';

async function kindOf(path: string): Promise<Kind | undefined> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(512), 0, 512, 0);
    if (buffer.toString('latin1', 257, 262) === 'ustar') return 'plain';
    if (buffer.readUInt16BE(0) === 0x1f8b) return 'gzip';
    if (buffer.toString('latin1', 0, 3) === 'BZh') return 'bzip2';
    if (buffer.toString('hex', 0, 6) === 'fd377a585a00') return 'xz';
    return buffer.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : undefined;
  } finally {
    await file.close();
  }
}

function openPlain(path: string, kind: Kind): AsyncIterable<Uint8Array> {
  const source = createReadStream(path);
  if (kind === 'plain') return source;
  if (kind === 'gzip') {
    const filter = createGunzip();
    source.on('error', (error) => filter.destroy(error));
    return source.pipe(filter);
  }
  return filterThrough(kind, ['-dc'], source);
}

/** Held in memory until it is written. */
const maxBytes = 1 << 30;
