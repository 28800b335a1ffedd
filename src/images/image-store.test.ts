import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isErrorCode } from '../errors/index.js';
import type { ImageReference } from '../oci/index.js';
import { type ImageStore, openImageStore } from './image-store.js';
import type { Base, BaseSource, ImageEvent } from './types.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-images-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const nano: Base = { product: 'nanoserver', osVersion: '10.0.26100.33296', released: '2024-11-01T00:00:00Z' };
const core: Base = { product: 'servercore', osVersion: '10.0.17763.3887' };
const names: Readonly<Record<string, Base>> = {
  'windows/nanoserver:ltsc2025': nano,
  'windows/nanoserver:10.0.26100.33296': nano,
  'windows/servercore:ltsc2019': core,
};
const bases: BaseSource = {
  find: ({ domain, path, tag }: ImageReference) =>
    domain === 'mcr.microsoft.com' ? names[`${path}:${tag ?? ''}`] : undefined,
  ensure: async ({ product, osVersion }) => ({ lower: [`/bases/${product}-${osVersion}`] }),
};
const microsoft = 'mcr.microsoft.com/windows';

async function openStore(onEvent: (event: ImageEvent) => void = () => {}): Promise<ImageStore> {
  return openImageStore({ folder: mkdtempSync(join(folder, 'store-')), bases, choose: () => 0, onEvent });
}

function hasMessage(code: 'not-found' | 'conflict' | 'invalid-argument', message: string | RegExp) {
  return (error: unknown): boolean => {
    assert.ok(isErrorCode(error, code), String(error));
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  };
}

test('a base image resolves without a network, with the user and version that Windows has', async () => {
  const store = await openStore();
  const image = await store.resolve(`${microsoft}/nanoserver:ltsc2025`);
  assert.equal(image.config.os, 'windows');
  assert.equal(image.config['os.version'], '10.0.26100.33296');
  assert.equal(image.config.config?.User, 'ContainerUser');
  assert.deepEqual(image.config.config?.Cmd, ['c:\\windows\\system32\\cmd.exe']);
  assert.deepEqual(image.names, [`${microsoft}/nanoserver:ltsc2025`]);
  assert.equal(image.offline, true);
  const full = await store.resolve(`${microsoft}/servercore:ltsc2019`);
  assert.equal(full.config.config?.User, 'ContainerAdministrator');
  assert.deepEqual(full.config['os.features'], ['win32k']);
  assert.deepEqual(await store.layersOf(image.id), ['/bases/nanoserver-10.0.26100.33296']);
  const [entry] = await store.history(image.id.slice(7, 19));
  assert.match(entry?.createdBy ?? '', /^Windowbox base for Nano Server/u);
  store.close();
});

test('two names of one base are one image, and its id is the same in every store', async () => {
  const store = await openStore();
  const byTag = await store.resolve(`${microsoft}/nanoserver:ltsc2025`);
  const byVersion = await store.resolve(`${microsoft}/nanoserver:10.0.26100.33296`);
  assert.equal(byTag.id, byVersion.id);
  assert.equal(byVersion.names.length, 2);
  const other = await openStore();
  assert.equal((await other.resolve(`${microsoft}/nanoserver:ltsc2025`)).id, byTag.id);
  store.close();
  other.close();
});

test('what is not there is refused with the words of Docker', async () => {
  const store = await openStore();
  for (const [text, shown] of [
    ['nothing', 'No such image: nothing:latest'],
    ['registry:5000/a/b:1', 'No such image: registry:5000/a/b:1'],
    ['deadbeef', 'No such image: deadbeef:latest'],
    [`sha256:${'0'.repeat(64)}`, `No such image: sha256:${'0'.repeat(64)}`],
  ] as const)
    await assert.rejects(store.resolve(text), hasMessage('not-found', shown));
  await assert.rejects(store.inspect(`${microsoft}/nanoserver:ltsc2025`), hasMessage('not-found', /^No such image/u));
  await assert.rejects(
    store.resolve('UPPER'),
    hasMessage('invalid-argument', /\(library\/UPPER\) must be lowercase$/u),
  );
  await assert.rejects(store.resolve('a@@'), hasMessage('invalid-argument', /^invalid reference format$/u));
  store.close();
});

test('an image that is not for the asked platform is not found', async () => {
  const store = await openStore();
  const name = `${microsoft}/nanoserver:ltsc2025`;
  await store.resolve(name, { platform: 'windows/amd64' });
  await store.resolve(name, { platform: 'windows(10.0.26100)/amd64' });
  await assert.rejects(
    store.resolve(name, { platform: 'linux/amd64' }),
    hasMessage(
      'not-found',
      `image with reference ${name} was found but does not match the specified platform: wanted linux/amd64, actual: windows(10.0.26100.33296)/amd64`,
    ),
  );
  await assert.rejects(
    store.resolve(name, { platform: 'windows(10.0.2610)/amd64' }),
    hasMessage('not-found', /match/u),
  );
  store.close();
});

test('events of an image tell its labels, but for its deletion, as those of Docker', async () => {
  const events: ImageEvent[] = [];
  const store = await openStore((event) => events.push(event));
  const base = await store.resolve(`${microsoft}/nanoserver:ltsc2025`);
  await store.commit({ parent: base.id, config: { Labels: { team: 'a' } }, createdBy: 'LABEL team=a', name: 'app' });
  await store.remove('app', { force: false, prune: true });
  assert.deepEqual(
    events.map(({ action, labels }) => [action, labels]),
    [
      ['tag', { team: 'a' }],
      ['untag', { team: 'a' }],
      ['delete', {}],
    ],
  );
  store.close();
});

test('a prune removes what a build left step by step, each once', async () => {
  const store = await openStore();
  const base = await store.resolve(`${microsoft}/nanoserver:ltsc2025`);
  let parent = base.id;
  for (const step of ['one', 'two', 'three']) {
    // Equal times would leave the order to chance.
    await new Promise((resolve) => setTimeout(resolve, 5));
    parent = await store.commit({ parent, config: { Labels: { step } }, createdBy: step });
  }
  const { removed } = await store.prune();
  assert.equal(removed.filter((one) => 'deleted' in one).length, 3);
  assert.deepEqual(
    (await store.list({ all: true })).map(({ id }) => id),
    [base.id],
  );
  store.close();
});

test('a tag moves, and an image without a name is dangling until it is pruned', async () => {
  const events: ImageEvent[] = [];
  const store = await openStore((event) => events.push(event));
  const first = await store.resolve(`${microsoft}/nanoserver:ltsc2025`);
  const second = await store.resolve(`${microsoft}/servercore:ltsc2019`);
  await store.tag(first.id, 'app');
  await store.tag(second.id, 'app:latest');
  assert.equal((await store.inspect('app')).id, second.id);
  await assert.rejects(store.tag(first.id, 'App'), hasMessage('invalid-argument', /must be lowercase/u));
  assert.deepEqual(
    events.map(({ action, reference }) => `${action} ${reference}`),
    ['tag app:latest', 'tag app:latest'],
  );
  await store.remove(`${microsoft}/nanoserver:ltsc2025`, { force: false, prune: true });
  await assert.rejects(store.inspect(first.id), hasMessage('not-found', /No such image/u));
  assert.deepEqual(
    (await store.list({ filters: { reference: ['app'] } })).map(({ id }) => id),
    [second.id],
  );
  assert.deepEqual(await store.list({ filters: { dangling: ['true'] } }), []);
  assert.deepEqual((await store.prune()).removed, []);
  const { removed } = await store.prune({ dangling: ['false'] });
  assert.ok(removed.some((entry) => 'deleted' in entry && entry.deleted === second.id));
  store.close();
});

test('what a container holds is not removed, or stays on the disk until the container lets go of it', async () => {
  const store = await openStore();
  const name = `${microsoft}/nanoserver:ltsc2025`;
  const image = await store.resolve(name);
  const container = 'c'.repeat(64);
  store.hold(image.id, container);
  const short = image.id.slice(7, 19);
  await assert.rejects(
    store.remove(name, { force: false, prune: true }),
    hasMessage(
      'conflict',
      `conflict: unable to remove repository reference "${name}" (must force) - container cccccccccccc is using its referenced image ${short}`,
    ),
  );
  await assert.rejects(
    store.remove(image.id, { force: false, prune: true }),
    hasMessage(
      'conflict',
      `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container cccccccccccc`,
    ),
  );
  await assert.rejects(
    store.remove(image.id, { force: true, prune: true, isRunning: () => true }),
    hasMessage('conflict', /\(cannot be forced\) - image is being used by running container cccccccccccc$/u),
  );
  await store.remove(image.id, { force: true, prune: true, isRunning: () => false });
  assert.deepEqual(await store.list(), []);
  assert.equal((await store.layersOf(image.id)).length, 1);
  await store.release(container);
  await assert.rejects(store.layersOf(image.id), hasMessage('not-found', /No such image/u));
  store.close();
});

test('the same name again after a forced removal shows the image again', async () => {
  const store = await openStore();
  const name = `${microsoft}/nanoserver:ltsc2025`;
  const { id } = await store.resolve(name);
  store.hold(id, 'holder');
  await store.remove(id, { force: true, prune: true });
  await store.resolve(name);
  await store.release('holder');
  assert.deepEqual((await store.inspect(name)).names, [name]);
  store.close();
});

test('an image with names in two repositories is removed by id only by force', async () => {
  const store = await openStore();
  const { id } = await store.resolve(`${microsoft}/nanoserver:ltsc2025`);
  await store.tag(id, 'mine');
  await assert.rejects(
    store.remove(id, { force: false, prune: true }),
    hasMessage('conflict', /\(must be forced\) - image is referenced in multiple repositories$/u),
  );
  assert.deepEqual(await store.remove('mine', { force: false, prune: true }), [{ untagged: 'mine:latest' }]);
  assert.deepEqual(await store.remove(id, { force: false, prune: true }), [
    { untagged: `${microsoft}/nanoserver:ltsc2025` },
    { deleted: id },
  ]);
  store.close();
});

test('a name that looks like the beginning of an id is the name', async () => {
  const store = await openStore();
  const { id } = await store.resolve(`${microsoft}/nanoserver:ltsc2025`);
  const name = id.slice(7, 8);
  await store.tag(id, name);
  assert.deepEqual(await store.remove(name, { force: false, prune: true }), [{ untagged: `${name}:latest` }]);
  assert.deepEqual(await store.remove(id.slice(7, 15), { force: false, prune: true }), [
    { untagged: `${microsoft}/nanoserver:ltsc2025` },
    { deleted: id },
  ]);
  store.close();
});

test('a store that is opened again has what it had', async () => {
  const home = mkdtempSync(join(folder, 'again-'));
  const first = await openImageStore({ folder: home, bases, choose: () => 0 });
  const { id } = await first.resolve(`${microsoft}/nanoserver:ltsc2025`);
  await first.tag(id, 'kept:1');
  first.hold(id, 'someone');
  first.close();
  const second = await openImageStore({ folder: home, bases, choose: () => 0 });
  await second.collectGarbage();
  assert.equal((await second.inspect('kept:1')).id, id);
  assert.deepEqual(second.holders(), ['someone']);
  second.close();
});
