import { createGunzip } from 'node:zlib';
import { WindowboxError } from '../errors/index.js';
import { filterThrough } from './filter-stream.js';
import { throughZlib } from './through-zlib.js';

/** How bytes are packed, by their beginning; six of them are enough. */
export type Packing = 'gzip' | 'bzip2' | 'xz' | 'zstd';

export function packingOf(head: Uint8Array): Packing | undefined {
  const hex = Buffer.from(head.subarray(0, 6)).toString('hex');
  return packings.find(([mark]) => hex.startsWith(mark))?.[1];
}

/**
 * A stream as it is, or out of what it is packed with: clients send archives in all ways that Docker reads.
 *
 * @throws WindowboxError (while reading) `invalid-argument` for damaged bytes.
 */
export async function* unpackAny(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = source[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  for (let length = 0; length < 6;) {
    const next = await bytes.next();
    if (next.done === true) break;
    head.push(next.value);
    length += next.value.length;
  }
  const whole = follow(head, bytes);
  const packing = packingOf(Buffer.concat(head));
  if (packing === undefined) yield* whole;
  else yield* packing === 'gzip' ? throughZlib(createGunzip(), whole, refuse) : filterThrough(packing, ['-dcq'], whole);
}

async function* follow(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function refuse(reason: string, cause: unknown): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot unpack the archive: ${reason}`, { cause });
}

const packings: readonly (readonly [mark: string, packing: Packing])[] = [
  ['1f8b', 'gzip'],
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
  ['28b52ffd', 'zstd'],
];
