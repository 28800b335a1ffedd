import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isErrno, isErrorCode } from '../errors/index.js';
import { runCommand, tarEnd, tarHeader, tarPadding } from '../platform/index.js';
import { type ImageStore, openImageStore } from './image-store.js';
import { createSidecar } from './layers/sidecar.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-full-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
const nano = { product: 'nanoserver', osVersion: '10.0.26100.1' } as const;
const skip = process.getuid?.() === 0 ? false : 'needs root, to mount a small file system';

async function openStore(at: string): Promise<ImageStore> {
  return openImageStore({
    folder: at,
    bases: { find: () => nano, ensure: async () => ({ lower: [base] }) },
    choose: () => 0,
  });
}

/** 1.5 MB in a hundred files, each with what the sidecar keeps. */
const files = Array.from({ length: 100 }, (_, index) => ({
  name: `f${String(index)}.bin`,
  bytes: randomBytes(15_000),
}));
const pax = { 'MSWINDOWS.fileattr': '32', 'X.long': 'x'.repeat(2000) };
const plain = Buffer.concat([
  ...files.flatMap(({ name, bytes }) => [
    tarHeader({ name, type: 'file', size: bytes.length, pax }),
    bytes,
    tarPadding(bytes.length),
  ]),
  tarEnd,
]);
const archive = await makeArchive();

async function makeArchive(): Promise<Buffer> {
  const store = await openStore(join(folder, 'roomy'));
  await store.importTar({ tar: again(plain), base: nano, name: 'app:1' });
  const parts: Uint8Array[] = [];
  for await (const part of await store.save(['app:1'])) parts.push(part);
  store.close();
  return Buffer.concat(parts);
}

const acts: readonly { name: string; text: RegExp; act: (store: ImageStore) => Promise<unknown> }[] = [
  { name: 'a load', text: /^Cannot load images: /u, act: async (store) => store.load(again(archive)) },
  {
    name: 'an import',
    text: /^Cannot import an image: /u,
    act: async (store) => store.importTar({ tar: again(plain), base: nano, name: 'app:1' }),
  },
  {
    name: 'a commit, as each step of a build is one',
    text: /^Cannot store a layer: /u,
    act: async (store) => {
      const { id } = await store.resolve('base');
      return store.commit({ parent: id, upper: makeUpper(), config: {}, createdBy: 'COPY', name: 'app:1' });
    },
  },
];

for (const { name, text, act } of acts)
  test(`${name} that finds no room says so, wherever it stops, and leaves nothing`, { skip }, async () => {
    let refused = 0;
    for (const kilobytes of [600, 1000, 1700, 2300, 3100])
      await onSmallDisk(kilobytes, async (at) => {
        const store = await openStore(at);
        const before = contentOf(at);
        try {
          await act(store);
        } catch (error) {
          refused += 1;
          assert.ok(isErrorCode(error, 'resource-exhausted'), String(error));
          assert.match(error.message, text);
          assert.match(error.message, /: no space left on device: ".*" has \d+\.\d MB (?:and .* files )?free, /u);
          assert.match(error.hint ?? '', /Free some space/u);
          assert.deepEqual(await store.list({ filters: { reference: ['app'] } }), []);
          assert.deepEqual(contentOf(at), before);
          await runCommand('mount', ['-o', 'remount,size=64m', at], { timeoutMs: 10_000 });
          await act(store);
        }
        assert.equal((await store.list({ filters: { reference: ['app'] } })).length, 1);
        store.close();
      });
    assert.ok(refused > 1, `only ${String(refused)} were refused`);
  });

test('what is kept beside the files ends with the reason when it finds no room', { skip }, async () => {
  await onSmallDisk(64, async (at) => {
    const sidecar = createSidecar(join(at, 'sidecar.jsonl'));
    const fill = (): void => {
      for (let index = 0; index < 100; index += 1) sidecar.write({ path: 'x'.repeat(20_000) });
    };
    assert.throws(fill, (error) => isErrno(error, 'ENOSPC'));
    sidecar.write({ path: 'x'.repeat(20_000) });
    assert.throws(
      () => sidecar.close(),
      (error) => isErrno(error, 'ENOSPC'),
    );
  });
});

async function onSmallDisk(kilobytes: number, use: (at: string) => Promise<void>): Promise<void> {
  const at = mkdtempSync(join(folder, 'disk-'));
  await runCommand('mount', ['-t', 'tmpfs', '-o', `size=${String(kilobytes)}k`, 'none', at], { timeoutMs: 10_000 });
  try {
    await use(at);
  } finally {
    await runCommand('umount', ['-l', at], { timeoutMs: 10_000 });
  }
}

/** What is on the disk, but for the database and what the record of a base image needs. */
function contentOf(at: string): readonly string[] {
  const blobs = readdirSync(join(at, 'blobs/sha256')).filter(
    (name) => statSync(join(at, 'blobs/sha256', name)).size > 5000,
  );
  return [...readdirSync(join(at, 'layers')), ...readdirSync(join(at, 'ingest')), ...blobs];
}

function makeUpper(): string {
  const upper = mkdtempSync(join(folder, 'upper-'));
  mkdirSync(join(upper, 'drive_c'));
  for (const { name, bytes } of files) writeFileSync(join(upper, 'drive_c', name), bytes);
  return upper;
}

async function* again(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
