import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isErrorCode } from '../errors/index.js';
import { filterThrough } from './filter-stream.js';
import { unpackAny } from './unpack-any.js';

const text = 'what an archive holds, '.repeat(1000);

async function unpacked(packed: Buffer, pieceSize = packed.length): Promise<string> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < packed.length; at += pieceSize) pieces.push(packed.subarray(at, at + pieceSize));
  return collect(unpackAny(Readable.from(pieces))).then(String);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('what is packed in any way that Docker reads comes out as it was, in whatever pieces it comes', async () => {
  const packed = [Buffer.from(text), gzipSync(text)];
  for (const program of ['bzip2', 'xz', 'zstd'])
    packed.push(await collect(filterThrough(program, ['-cq'], Readable.from([Buffer.from(text)]))));
  for (const one of packed) for (const size of [1, 700, one.length]) assert.equal(await unpacked(one, size), text);
  assert.equal(await unpacked(Buffer.alloc(0), 1), '');
  assert.equal(await unpacked(Buffer.from('abc')), 'abc');
});

test('damaged bytes are refused and no program stays', async () => {
  const damaged = gzipSync(text);
  damaged.fill(0, 20, 40);
  for (const bytes of [damaged, gzipSync(text).subarray(0, 30), Buffer.from('fd377a585a000000', 'hex')])
    await assert.rejects(unpacked(bytes), (error) => isErrorCode(error, 'invalid-argument'));
});
