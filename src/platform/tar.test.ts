import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { array, assert as check, asyncProperty, nat, tuple } from 'fast-check';
import { isErrorCode } from '../errors/index.js';
import { readTar } from './read-tar.js';
import type { TarHeader } from './tar-fields.js';
import { runCommand } from './run-command.js';
import { tarEnd, tarHeader, type TarHeaderFields, tarPadding } from './write-tar.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-tar-'));
after(() => {
  rmSync(folder, { recursive: true });
});

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(bytes: Buffer, size = 4096): Promise<{ header: TarHeader; text: string }[]> {
  const found: { header: TarHeader; text: string }[] = [];
  for await (const { header, body } of readTar(inPieces(bytes, size))) {
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    found.push({ header, text: Buffer.concat(parts).toString() });
  }
  return found;
}

function entry(fields: TarHeaderFields, text = ''): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([tarHeader({ ...fields, size: body.length }), body, tarPadding(body.length)]);
}

test('what is written is read back, whatever the size of the pieces', async () => {
  const name = `${'ünïcode/'.repeat(40)}file`;
  const bytes = Buffer.concat([
    entry({ name: 'dir', type: 'folder', modified: 1n }),
    entry(
      { name, type: 'file', modified: -1_500_000_000n, mode: 0o600, uid: 5, gid: 6, pax: { 'X.y': 'a=b\n' } },
      'hello',
    ),
    entry({ name: 'l', type: 'symlink', linkName: 'x'.repeat(200) }),
    tarEnd,
  ]);
  for (const size of [1, 7, 512, 513, 1 << 20]) {
    const [dir, file, link] = await readAll(bytes, size);
    assert.equal(dir?.header.type, 'folder');
    assert.equal(dir.header.modified, 1n);
    assert.equal(file?.header.name, name);
    assert.equal(file.header.modified, -1_500_000_000n);
    assert.equal(file.header.pax['X.y'], 'a=b\n');
    assert.equal(file.text, 'hello');
    assert.deepEqual([file.header.uid, file.header.gid, file.header.mode], [5, 6, 0o600]);
    assert.equal(link?.header.linkName, 'x'.repeat(200));
  }
});

test('GNU tar reads what we write, and we read what GNU tar writes in each of its formats', async () => {
  const ours = join(folder, 'ours.tar');
  const long = `${'a'.repeat(90)}/${'b'.repeat(90)}/c.txt`;
  writeFileSync(ours, Buffer.concat([entry({ name: long, type: 'file', modified: 5n }, 'text'), tarEnd]));
  await runCommand('tar', ['-xf', ours, '-C', folder], { timeoutMs: 10_000 });
  assert.equal(readFileSync(join(folder, long), 'utf8'), 'text');
  for (const format of ['ustar', 'gnu', 'pax', 'v7']) {
    const theirs = join(folder, `${format}.tar`);
    const path = format === 'v7' || format === 'ustar' ? 'short.txt' : long;
    writeFileSync(join(folder, 'short.txt'), 'text');
    await runCommand('tar', [`--format=${format}`, '-cf', theirs, '-C', folder, path], { timeoutMs: 10_000 });
    const [file] = await readAll(readFileSync(theirs));
    assert.equal(file?.header.name, path, format);
    assert.equal(file.text, 'text');
  }
});

test('a stream that is cut, damaged or lies about its lengths is refused', async () => {
  const good = Buffer.concat([entry({ name: 'a', type: 'file' }, 'x'.repeat(2000)), tarEnd]);
  const damaged = Buffer.from(good);
  damaged[10] = 0x41;
  const hugeHeader = tarHeader({ name: 'x', type: 'file', pax: { a: 'b'.repeat(3 << 20) } });
  for (const [what, bytes] of [
    ['in the middle of a file', good.subarray(0, 1000)],
    ['in the middle of a header', good.subarray(0, 300)],
    ['wrong checksum', damaged],
    ['headers of more than', hugeHeader],
  ] as const)
    await assert.rejects(
      readAll(bytes),
      (error) => isErrorCode(error, 'invalid-argument') && error.message.includes(what),
    );
  const sparse = tarHeader({ name: 'x', type: 'file', pax: { 'GNU.sparse.major': '1' } });
  await assert.rejects(readAll(sparse), /GNU sparse/u);
});

test('whatever bytes come, reading ends with entries or with a refusal', async () => {
  const good = Buffer.concat([
    entry({ name: 'Files/a', type: 'file', modified: 1n, pax: { k: 'v' } }, 'content'),
    entry({ name: 'Files/b', type: 'folder' }),
    tarEnd,
  ]);
  await check(
    asyncProperty(array(tuple(nat(good.length - 1), nat(255)), { minLength: 1, maxLength: 20 }), async (changes) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of changes) bytes[at] = value;
      // The checksum is put right, so that the change reaches the fields.
      for (let at = 0; at + 512 <= bytes.length; at += 512) fixChecksum(bytes.subarray(at, at + 512));
      try {
        await readAll(bytes);
      } catch (error) {
        assert.ok(isErrorCode(error, 'invalid-argument'), String(error));
      }
    }),
    { numRuns: 300 },
  );
});

function fixChecksum(block: Buffer): void {
  if (block.toString('latin1', 257, 262) !== 'ustar') return;
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
