import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isErrorCode, WindowboxError } from '../errors/index.js';
import { readTar, tarEnd, tarHeader, tarPadding } from '../platform/index.js';
import { type ImageStore, openImageStore } from './image-store.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-archive-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
const nano = { product: 'nanoserver', osVersion: '10.0.26100.1' } as const;

async function openStore(at = mkdtempSync(join(folder, 'store-'))): Promise<ImageStore> {
  return openImageStore({
    folder: at,
    bases: {
      find: ({ path }) => (path === 'windows/nanoserver' ? nano : undefined),
      ensure: async () => ({ lower: [base] }),
    },
    choose: () => 0,
  });
}

async function build(store: ImageStore, text: string): Promise<string> {
  const parent = await store.resolve('mcr.microsoft.com/windows/nanoserver:1');
  const upper = mkdtempSync(join(folder, 'upper-'));
  mkdirSync(join(upper, 'drive_c/Windows'), { recursive: true });
  writeFileSync(join(upper, 'drive_c/Windows/a.txt'), text);
  return store.commit({ parent: parent.id, upper, consume: true, config: { Cmd: ['x'] }, createdBy: 'COPY' });
}

async function* again(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

test('what is saved is the same image, with its names, in another store', async () => {
  const store = await openStore();
  const [one, two] = [await build(store, 'one'), await build(store, 'two')];
  await store.tag(one, 'app:1');
  await store.tag(one, 'registry:5000/app:1');
  store.nameBuilds([one, two], 'both');
  const bytes = await collect(await store.save(['app:1', 'registry:5000/app:1', 'both', two]));

  const other = await openStore();
  const loaded = await other.load(again(bytes));
  assert.deepEqual(loaded.map(({ id }) => id).sort(), [one, two].sort());
  const image = await other.inspect('app:1');
  assert.equal(image.id, one);
  assert.equal(image.offline, true);
  assert.deepEqual(image.names, ['app:1', 'both:latest', 'registry:5000/app:1']);
  const [layer = ''] = await other.layersOf(one);
  assert.ok(existsSync(join(layer, 'drive_c/windows/a.txt')), 'on the spelling of the base');
  assert.equal(readFileSync(join(layer, 'drive_c/windows/a.txt'), 'utf8'), 'one');
  await other.collectGarbage();
  assert.deepEqual(await collect(await other.save(['app:1'])), await collect(await store.save(['app:1'])));
  store.close();
  other.close();
});

test('what is swept while an archive waits to be read, or is read, is not missing in it', async () => {
  const store = await openStore();
  await store.tag(await build(store, 'x'), 'app:1');
  const saved = await store.save(['app:1']);
  await store.collectGarbage();
  const pieces = saved[Symbol.asyncIterator]();
  const parts = [(await pieces.next()).value as Uint8Array];
  await store.collectGarbage();
  for await (const part of { [Symbol.asyncIterator]: () => pieces }) parts.push(part);
  const other = await openStore();
  assert.deepEqual(
    (await other.load(again(Buffer.concat(parts)))).map(({ names }) => names),
    [['app:1']],
  );
  for (const open of [store, other]) open.close();
});

test('an archive has the layout of OCI and the list of docker save', async () => {
  const store = await openStore();
  const id = await build(store, 'x');
  await store.tag(id, 'app:1');
  const names: string[] = [];
  let list: unknown;
  for await (const { header, body } of readTar(await store.save(['app:1']))) {
    names.push(header.name);
    if (header.name === 'manifest.json') list = JSON.parse((await collect(body)).toString());
  }
  assert.deepEqual(names.slice(0, 4), ['oci-layout', 'index.json', 'manifest.json', 'blobs']);
  const [entry] = list as { Config: string; RepoTags: string[]; Layers: string[] }[];
  assert.equal(entry?.Config, `blobs/sha256/${id.slice(7)}`);
  assert.deepEqual(entry.RepoTags, ['app:1']);
  assert.equal(entry.Layers.length, 2);
  store.close();
});

test('an archive that is none, or damaged, is refused and leaves no image', async () => {
  const store = await openStore();
  const id = await build(store, 'x');
  const bytes = await collect(await store.save([id]));
  bytes.write('"Rootfs"', bytes.indexOf('"rootfs"'));
  const other = await openStore();
  await assert.rejects(other.load(again(bytes)), (error) => {
    assert.ok(isErrorCode(error, 'invalid-argument'), 'it is the archive that is damaged, and not the store');
    assert.match(error.message, /^Cannot load images: Cannot store "sha256:.*": the bytes that came are "sha256:/u);
    return true;
  });
  await assert.rejects(other.load(again(tarEnd)), (error) => isErrorCode(error, 'invalid-argument'));
  assert.deepEqual(await other.list({ all: true }), []);
  store.close();
  other.close();
});

test('an archive that ends early, wherever, is refused and leaves no image', async () => {
  const store = await openStore();
  const bytes = await collect(await store.save([await build(store, 'x'), await build(store, 'y')]));
  const other = await openStore();
  for (let length = 0; length < bytes.length - tarEnd.length; length += 512)
    await assert.rejects(
      other.load(again(bytes.subarray(0, length))),
      (error) => isErrorCode(error, 'invalid-argument'),
      `${String(length)} of ${String(bytes.length)} bytes`,
    );
  assert.deepEqual(await other.list({ all: true }), []);
  store.close();
  other.close();
});

test('an archive with a name that is none is refused before its image is taken in', async () => {
  const store = await openStore();
  const id = await build(store, 'x');
  await store.tag(id, 'app:1');
  const bytes = await collect(await store.save(['app:1']));
  const text = bytes.toString('latin1').replaceAll('app:1', 'aPp:1');
  const other = await openStore();
  await assert.rejects(other.load(again(Buffer.from(text, 'latin1'))), (error) =>
    isErrorCode(error, 'invalid-argument'),
  );
  assert.deepEqual(await other.list({ all: true }), []);
  store.close();
  other.close();
});

test('a plain archive becomes an image on the base that is named, its root is C:', async () => {
  const store = await openStore();
  const tar = Buffer.concat([
    tarHeader({ name: '.', type: 'folder' }),
    tarHeader({ name: './WINDOWS/b.txt', type: 'file', size: 1 }),
    Buffer.from('b'),
    tarPadding(1),
    tarEnd,
  ]);
  const id = await store.importTar({ tar: again(tar), base: nano, message: 'mine', name: 'imported' });
  const [layer = ''] = await store.layersOf(id);
  assert.equal(readFileSync(join(layer, 'drive_c/windows/b.txt'), 'utf8'), 'b');
  assert.equal((await store.history('imported'))[0]?.comment, 'mine');
  assert.deepEqual(
    (await store.list()).map(({ names }) => names),
    [['imported:latest']],
    'the base below it has no name, and is no image that a user made',
  );
  assert.ok((await store.save(['imported'])) !== undefined);
  store.close();
});

test('what an import makes of the config of the base is its config, and what it refuses is refused before the archive is read', async () => {
  const store = await openStore();
  let read = false;
  async function* archive(): AsyncGenerator<Uint8Array> {
    read = true;
    yield tarEnd;
  }
  const refused = store.importTar({
    tar: archive(),
    base: nano,
    configure: async () => {
      throw new WindowboxError('invalid-argument', 'no such change');
    },
  });
  await assert.rejects(refused, /no such change/u);
  assert.equal(read, false);
  const id = await store.importTar({
    tar: archive(),
    base: nano,
    configure: async (config) => ({ ...config, Env: ['A=1'] }),
  });
  const { config } = (await store.inspect(id)).config;
  assert.deepEqual([config?.Env, config?.User], [['A=1'], 'ContainerUser']);
  store.close();
});
