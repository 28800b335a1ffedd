import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { WindowboxError } from '../../errors/index.js';
import { createDeferred } from '../../platform/index.js';
import { unpackStream } from './unpack-stream.js';

/** Some packed megabytes more than what is worth a thread, and less. */
const sizes = { long: 12 << 20, short: 1 << 20 };

describe('a packed layer', () => {
  for (const [name, size] of Object.entries(sizes)) {
    const plain = noise(size);
    for (const compression of ['none', 'gzip'] as const)
      test(`a ${name} one (${compression}) comes out as it went in, with its digest`, async () => {
        const packed = compression === 'gzip' ? gzipSync(plain, { level: 1 }) : plain;
        const unpacked = unpackStream(pieces(packed), compression);
        const hash = createHash('sha256');
        for await (const chunk of unpacked.chunks) hash.update(chunk);
        assert.equal(hash.digest('hex'), createHash('sha256').update(plain).digest('hex'));
        assert.equal(await unpacked.digest(), createHash('sha256').update(plain).digest('hex'));
        unpacked.close();
      });

    test(`a ${name} one that is damaged is refused`, async () => {
      const packed = gzipSync(plain, { level: 1 });
      packed.fill(0xff, packed.length - 5000, packed.length - 4000);
      await assert.rejects(readAll(pieces(packed)), { code: 'data-loss', message: /^Cannot unpack layer: / });
    });

    test(`a ${name} one that ends early is refused`, async () => {
      const packed = gzipSync(plain, { level: 1 });
      await assert.rejects(readAll(pieces(packed.subarray(0, -5000))), { code: 'data-loss' });
    });

    test(`a ${name} one whose source fails fails with the source's own error`, async () => {
      const failure = new WindowboxError('unavailable', 'the connection broke');
      await assert.rejects(readAll(pieces(gzipSync(plain, { level: 1 }), failure)), failure);
    });
  }

  test('of a long one that is given up, the source is closed', async () => {
    const closed = createDeferred<undefined>();
    const packed = gzipSync(noise(sizes.long * 2), { level: 1 });
    const source = (async function* open() {
      try {
        yield* pieces(packed);
      } finally {
        closed.resolve(undefined);
      }
    })();
    const unpacked = unpackStream(source, 'gzip');
    for await (const chunk of unpacked.chunks) if (chunk.length > 0) break;
    unpacked.close();
    await closed.promise;
  });
});

async function readAll(source: AsyncIterable<Uint8Array>): Promise<void> {
  const unpacked = unpackStream(source, 'gzip');
  try {
    for await (const chunk of unpacked.chunks) assert.ok(chunk.length > 0);
  } finally {
    unpacked.close();
  }
}

/** As a network gives them; at the end the failure. */
async function* pieces(bytes: Uint8Array, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) {
    await new Promise((resolve) => setImmediate(resolve));
    yield bytes.subarray(at, at + 100_000);
  }
  if (failure) throw failure;
}

/** Bytes that hardly get smaller, the same at each run. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 1;
  for (let at = 0; at + 4 <= size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE((state ^ (state >>> 15)) >>> 0, at);
  }
  return bytes;
}
