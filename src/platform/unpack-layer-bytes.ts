import { createGunzip } from 'node:zlib';
import { isErrorCode, WindowboxError } from '../errors/index.js';
import { filterThrough } from './filter-stream.js';
import { throughZlib } from './through-zlib.js';

/** How a layer is packed, as its media type says. */
export type LayerPacking = 'none' | 'gzip' | 'zstd';

/** What a packed layer unpacks to. @throws WindowboxError (while reading) `data-loss` for damaged bytes. */
export async function* unpackLayerBytes(
  source: AsyncIterable<Uint8Array>,
  packing: LayerPacking,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (packing === 'none') yield* source;
  else if (packing === 'gzip') yield* throughZlib(createGunzip(gunzipOptions), source, refuse);
  else
    try {
      // The window is bounded, so that no stream makes the program take gigabytes of memory.
      yield* filterThrough('zstd', ['-dcq', '--memory=256MB'], source);
    } catch (error) {
      throw isErrorCode(error, 'invalid-argument') && error instanceof Error ? refuse(error.message, error) : error;
    }
}

function refuse(reason: string, cause: unknown): WindowboxError {
  return new WindowboxError('data-loss', `Cannot unpack layer: ${reason}`, { cause });
}

// Chunk by chunk: as bytes, those that wait would be copied into one.
const gunzipOptions = { chunkSize: 1 << 19, readableObjectMode: true, readableHighWaterMark: 4 };
