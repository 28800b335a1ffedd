import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { createStreamHash } from './stream-hash.js';

describe("a stream's hash", () => {
  for (const [name, threadFrom] of [
    ['at the end', 1 << 20],
    ['on a thread', 1000],
  ] as const)
    test(`is that of all chunks in their order, taken ${name}`, async () => {
      const expected = createHash('sha256');
      const hash = createStreamHash(threadFrom);
      try {
        for (let index = 0; index < 50; index += 1) {
          const chunk = Buffer.alloc(index * 37, index);
          expected.update(chunk);
          await hash.update(chunk);
        }
        assert.equal(await hash.digest(), expected.digest('hex'));
      } finally {
        hash.close();
      }
    });

  test('on a thread that is closed early fails instead of waiting for ever', async () => {
    const hash = createStreamHash(1);
    await hash.update(Buffer.alloc(10));
    hash.close();
    await assert.rejects(
      async () => {
        for (;;) await hash.update(Buffer.alloc(1 << 20));
      },
      { code: 'internal', message: /^Cannot read on: the thread that hashes ended: / },
    );
  });
});
