import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isErrorCode } from '../errors/index.js';
import { type ImageStore, openImageStore } from './image-store.js';
import type { Base } from './types.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-rebase-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** The newer base spells a folder otherwise, and has another value in its registry. */
const older = makeBase({ name: 'older', registry: '"Build"="17763"', folders: ['windows/system32', 'Tools'] });
const newer = makeBase({ name: 'newer', registry: '"Build"="26100"', folders: ['windows/system32', 'TOOLS'] });
const nano: Base = { product: 'nanoserver', osVersion: '10.0.17763.1' };
const core: Base = { product: 'servercore', osVersion: '10.0.26100.1' };

function makeBase({ name, registry, folders }: { name: string; registry: string; folders: readonly string[] }): string {
  const root = join(folder, name);
  for (const path of folders) mkdirSync(join(root, 'drive_c', path), { recursive: true });
  writeFileSync(join(root, 'system.reg'), `WINE REGISTRY Version 2\n\n[Software\\\\A] 1\n${registry}\n`);
  return root;
}

async function openStore(): Promise<ImageStore> {
  return openImageStore({
    folder: mkdtempSync(join(folder, 'store-')),
    bases: {
      find: ({ path }) => (path === 'windows/nanoserver' ? nano : path === 'windows/servercore' ? core : undefined),
      ensure: async ({ product }) => ({ lower: [product === 'nanoserver' ? older : newer] }),
    },
    choose: () => 0,
  });
}

/** One layer above the old base. */
async function addLayer(
  store: ImageStore,
  parent: string,
  write: (upper: string) => void,
  options: { createdBy: string; config?: Record<string, unknown> },
): Promise<string> {
  const upper = mkdtempSync(join(folder, 'upper-'));
  mkdirSync(join(upper, 'drive_c'));
  write(upper);
  const { config = {} } = (await store.inspect(parent)).config;
  return store.commit({ parent, upper, config: { ...config, ...options.config }, createdBy: options.createdBy });
}

test("an image's own layers move to another base: version, features, user and history are the new base's, the rest stays", async () => {
  const store = await openStore();
  const base = await store.resolve('mcr.microsoft.com/windows/nanoserver:1809');
  const app = await addLayer(
    store,
    base.id,
    (upper) => {
      mkdirSync(join(upper, 'drive_c/app'));
      writeFileSync(join(upper, 'drive_c/app/app.exe'), 'MZ');
    },
    { createdBy: 'cmd /S /C #(nop) COPY app', config: { Env: ['A=1'], Cmd: ['app.exe'] } },
  );
  await store.tag(app, 'app:1');
  const { id, warnings } = await store.rebase('app:1', {
    onto: 'mcr.microsoft.com/windows/servercore:ltsc2025',
    name: 'app:2025',
  });
  assert.deepEqual(warnings, []);
  const image = await store.inspect('app:2025');
  assert.equal(image.id, id);
  assert.deepEqual(image.base, core);
  assert.equal(image.config['os.version'], '10.0.26100.1');
  assert.deepEqual(image.config['os.features'], ['win32k']);
  assert.equal(image.config.config?.User, 'ContainerAdministrator', "the old base's user was inherited");
  assert.deepEqual(image.config.config.Cmd, ['app.exe']);
  assert.deepEqual(image.config.config.Env, ['A=1']);
  assert.deepEqual(
    image.config.history?.map(({ created_by: by }) => by),
    ['Windowbox base for Windows Server Core 10.0.26100.1', 'cmd /S /C #(nop) COPY app'],
  );
  const [layer = '', below] = await store.layersOf(id);
  assert.equal(below, newer);
  const [original = ''] = await store.layersOf(app);
  const inode = (root: string): number => statSync(join(root, 'drive_c/app/app.exe')).ino;
  assert.equal(inode(layer), inode(original), 'the files are shared');
  assert.equal((await store.inspect('app:1')).id, app, 'the old image stays');
  store.close();
});

test('a user or command that the image set itself is kept, also where the old base has the same', async () => {
  const store = await openStore();
  const base = await store.resolve('mcr.microsoft.com/windows/nanoserver:1809');
  const app = await addLayer(store, base.id, (upper) => writeFileSync(join(upper, 'drive_c/a.txt'), 'a'), {
    createdBy: 'COPY a.txt',
  });
  const { config = {} } = (await store.inspect(app)).config;
  const named = await store.commit({
    parent: app,
    config: config ?? {},
    createdBy: 'cmd /S /C #(nop)  USER ContainerUser',
  });
  const { id } = await store.rebase(named, { onto: 'mcr.microsoft.com/windows/servercore:ltsc2025' });
  assert.equal((await store.inspect(id)).config.config?.User, 'ContainerUser');
  store.close();
});

test('a folder that the other base spells otherwise is merged, and the registry is made anew from the other base', async () => {
  const store = await openStore();
  const base = await store.resolve('mcr.microsoft.com/windows/nanoserver:1809');
  const app = await addLayer(
    store,
    base.id,
    (upper) => {
      mkdirSync(join(upper, 'drive_c/Tools'));
      writeFileSync(join(upper, 'drive_c/Tools/t.exe'), 'MZ');
      writeFileSync(
        join(upper, 'system.reg'),
        'WINE REGISTRY Version 2\n\n[Software\\\\A] 1\n"Build"="17763"\n"Mine"="yes"\n',
      );
    },
    { createdBy: 'cmd /S /C setup.exe' },
  );
  const { id, warnings } = await store.rebase(app, { onto: 'mcr.microsoft.com/windows/servercore:ltsc2025' });
  assert.match(warnings.join('\n'), /^Layer 1 \(cmd \/S \/C setup\.exe\) changed the registry during its build/u);
  const [layer = ''] = await store.layersOf(id);
  assert.equal(readFileSync(join(layer, 'drive_c/TOOLS/t.exe'), 'utf8'), 'MZ');
  const registry = readFileSync(join(layer, 'system.reg'), 'utf8');
  assert.match(registry, /"Build"="26100"[^]*"Mine"="yes"/u);
  store.close();
});

test('a layer that changed files of Windows is warned of, by name', async () => {
  const store = await openStore();
  const base = await store.resolve('mcr.microsoft.com/windows/nanoserver:1809');
  const app = await addLayer(
    store,
    base.id,
    (upper) => {
      mkdirSync(join(upper, 'drive_c/windows/system32'), { recursive: true });
      mkdirSync(join(upper, 'drive_c/windows/temp'), { recursive: true });
      writeFileSync(join(upper, 'drive_c/windows/temp/x.log'), '');
      for (const name of ['a.dll', 'b.dll', 'c.dll', 'd.dll'])
        writeFileSync(join(upper, 'drive_c/windows/system32', name), 'MZ');
    },
    { createdBy: 'RUN install' },
  );
  const { warnings } = await store.rebase(app, { onto: 'mcr.microsoft.com/windows/servercore:ltsc2025' });
  assert.match(
    warnings.join('\n'),
    /^Layer 1 \(RUN install\) changes files of Windows, .*10\.0\.26100\.1: (?:C:\\windows\\system32\\[abcd]\.dll(?:, )?){3} and 1 more$/u,
  );
  store.close();
});

test('only an image with layers of its own is moved, and only onto a base', async () => {
  const store = await openStore();
  const base = await store.resolve('mcr.microsoft.com/windows/nanoserver:1809');
  const app = await addLayer(store, base.id, (upper) => writeFileSync(join(upper, 'drive_c/a.txt'), 'a'), {
    createdBy: 'COPY a.txt',
  });
  const onto = 'mcr.microsoft.com/windows/servercore:ltsc2025';
  await assert.rejects(store.rebase(base.id, { onto }), (error) => isErrorCode(error, 'invalid-argument'));
  await assert.rejects(store.rebase(app, { onto: app }), /is no base image/u);
  await assert.rejects(store.rebase('none:1', { onto }), (error) => isErrorCode(error, 'not-found'));
  store.close();
});
