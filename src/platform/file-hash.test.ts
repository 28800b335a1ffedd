import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createFileHash } from './file-hash.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-hash-'));
after(() => {
  rmSync(folder, { recursive: true });
});

describe("a growing file's hash", () => {
  for (const [name, expectedSize] of [
    ['at the end', 1000],
    ['on a thread', 64 << 20],
  ] as const) {
    test(`is that of all that is there, taken ${name}`, async () => {
      const file = await open(join(folder, `whole-${String(expectedSize)}`), 'a+');
      const hash = createFileHash(file, expectedSize);
      const expected = createHash('sha256');
      for (let index = 0, length = 0; index < 50; index += 1) {
        const chunk = Buffer.alloc(index * 37_000, index);
        expected.update(chunk);
        await file.appendFile(chunk);
        length += chunk.length;
        hash.grow(length);
      }
      assert.equal(await hash.digest(), expected.digest('hex'));
      await hash.close();
      await file.close();
    });

    test(`counts what was there before, taken ${name}`, async () => {
      const file = await open(join(folder, `kept-${String(expectedSize)}`), 'a+');
      await file.appendFile('from an earlier try');
      const hash = createFileHash(file, expectedSize);
      hash.grow(19);
      assert.equal(await hash.digest(), createHash('sha256').update('from an earlier try').digest('hex'));
      await hash.close();
      await file.close();
    });
  }

  test('on a thread that is closed early fails instead of waiting for ever', async () => {
    const file = await open(join(folder, 'early'), 'a+');
    const hash = createFileHash(file, 64 << 20);
    await hash.close();
    await assert.rejects(hash.digest(), {
      code: 'internal',
      message: /^Cannot read on: the thread that hashes ended: /,
    });
    await file.close();
  });

  test('on a thread fails for a file that became shorter', async () => {
    const file = await open(join(folder, 'short'), 'a+');
    const hash = createFileHash(file, 64 << 20);
    await file.appendFile('abc');
    hash.grow(10);
    await assert.rejects(hash.digest(), { code: 'data-loss', message: /ends after 3 of 10 bytes/u });
    await hash.close();
    await file.close();
  });
});
