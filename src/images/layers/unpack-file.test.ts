import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { WindowboxError } from '../../errors/index.js';
import { filterThrough } from '../../platform/index.js';
import type { PackedFile } from '../packed-file.js';
import { grow, type GrowingFile, packedFile, settle } from '../registry/growing-file.js';
import { unpackFile } from './unpack-file.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-unpack-'));
after(() => {
  rmSync(folder, { recursive: true });
});
let files = 0;

/** Some packed megabytes more than what is worth a thread, and less. */
const sizes = { long: 12 << 20, short: 1 << 20 };

describe('a packed layer', () => {
  for (const [name, size] of Object.entries(sizes)) {
    const plain = noise(size);
    const packed = gzipSync(plain, { level: 1 });
    for (const packing of ['none', 'gzip', 'zstd'] as const)
      test(`a ${name} one (${packing}) comes out as it went in, with its digest, while it grows`, async () => {
        const bytes = packing === 'none' ? plain : packing === 'gzip' ? packed : await packZstd(plain);
        const unpacked = unpackFile(growing(bytes), packing);
        const hash = createHash('sha256');
        for await (const chunk of unpacked.chunks) hash.update(chunk);
        assert.equal(hash.digest('hex'), createHash('sha256').update(plain).digest('hex'));
        assert.equal(await unpacked.digest(), createHash('sha256').update(plain).digest('hex'));
      });

    test(`a ${name} one that is damaged is refused`, async () => {
      const damaged = Buffer.from(packed).fill(0xff, packed.length - 5000, packed.length - 4000);
      await assert.rejects(readAll(growing(damaged)), { code: 'data-loss', message: /^Cannot unpack layer: / });
    });

    test(`a ${name} one that ends early is refused`, async () => {
      await assert.rejects(readAll(growing(packed.subarray(0, -5000))), { code: 'data-loss' });
    });

    test(`a ${name} one whose download fails fails with the download's own error`, async () => {
      const failure = new WindowboxError('unavailable', 'the connection broke');
      await assert.rejects(readAll(growing(packed, failure)), failure);
    });

    test(`of a ${name} one that is given up, the file is closed`, async () => {
      const file = growing(packed);
      const handle = await file.open();
      for await (const chunk of unpackFile({ ...file, open: async () => handle }, 'gzip').chunks)
        if (chunk.length > 0) break;
      // A stream closes what it reads from a moment later.
      while (handle.fd !== -1) await new Promise((resolve) => setTimeout(resolve, 10));
    });
  }
});

async function readAll(file: PackedFile): Promise<void> {
  for await (const chunk of unpackFile(file, 'gzip').chunks) assert.ok(chunk.length > 0);
}

/** As a download fills it; at the end the failure. */
function growing(bytes: Uint8Array, failure?: Error): PackedFile {
  files += 1;
  const path = join(folder, String(files));
  const state: GrowingFile = { path, finalPath: path, length: 0, status: 'growing', waiting: [] };
  void (async () => {
    const file = await open(path, 'w');
    for (let at = 0; at < bytes.length; at += 100_000) {
      await file.appendFile(bytes.subarray(at, at + 100_000));
      grow(state, Math.min(bytes.length, at + 100_000));
    }
    await file.close();
    settle(state, failure ? 'failed' : 'complete', failure);
  })();
  return packedFile(state, bytes.length, () => {});
}

async function packZstd(bytes: Buffer): Promise<Buffer> {
  const source = (async function* whole() {
    yield bytes;
  })();
  const chunks: Uint8Array[] = [];
  for await (const chunk of filterThrough('zstd', ['-1', '-cq'], source)) chunks.push(chunk);
  return Buffer.concat(chunks);
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
