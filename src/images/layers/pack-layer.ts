import { createGzip } from 'node:zlib';
import { WindowboxError } from '../../errors/index.js';
import { throughZlib } from '../../platform/index.js';

/** gzip without a name or time in it: equal input, equal bytes. */
export async function* packGzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* throughZlib(createGzip({ level: 6, chunkSize: 1 << 18 }), source, refuse);
}

function refuse(reason: string, cause: unknown): WindowboxError {
  return new WindowboxError('internal', `Cannot pack layer: ${reason}`, { cause });
}
