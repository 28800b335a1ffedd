import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

const oldBase = 'mcr.microsoft.com/windows/nanoserver:1809';
const newBase = 'mcr.microsoft.com/windows/servercore:ltsc2025';

interface LayerOptions {
  readonly createdBy: string;
  readonly config?: Record<string, unknown>;
  /** Default: the old base. */
  readonly on?: string;
}

/** An image with one more layer. */
async function addLayer(
  store: ImageStore,
  files: Readonly<Record<string, string>>,
  { createdBy, config, on = oldBase }: LayerOptions,
): Promise<string> {
  const upper = mkdtempSync(join(folder, 'upper-'));
  mkdirSync(join(upper, 'drive_c'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(upper, name)), { recursive: true });
    writeFileSync(join(upper, name), text);
  }
  const parent = await store.resolve(on);
  const inherited = parent.config.config ?? {};
  return store.commit({ parent: parent.id, upper, config: { ...inherited, ...config }, createdBy });
}

test("an image's own layers move to another base: version, features, user and history are the new base's, the rest stays", async () => {
  const store = await openStore();
  const app = await addLayer(
    store,
    { 'drive_c/app/app.exe': 'MZ' },
    { createdBy: 'cmd /S /C #(nop) COPY app', config: { Env: ['A=1'], Cmd: ['app.exe'] } },
  );
  await store.tag(app, 'app:1');
  const { id, warnings } = await store.rebase('app:1', {
    onto: newBase,
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
  const app = await addLayer(store, { 'drive_c/a.txt': 'a' }, { createdBy: 'COPY a.txt' });
  const { config = {} } = (await store.inspect(app)).config;
  const named = await store.commit({
    parent: app,
    config: config ?? {},
    createdBy: 'cmd /S /C #(nop)  USER ContainerUser',
  });
  const { id } = await store.rebase(named, { onto: newBase });
  assert.equal((await store.inspect(id)).config.config?.User, 'ContainerUser');
  store.close();
});

test('a folder that the other base spells otherwise is merged, and the registry is made anew from the other base', async () => {
  const store = await openStore();
  const registry = 'WINE REGISTRY Version 2\n\n[Software\\\\A] 1\n"Build"="17763"\n"Mine"="yes"\n';
  const app = await addLayer(
    store,
    { 'drive_c/Tools/t.exe': 'MZ', 'system.reg': registry },
    { createdBy: 'cmd /S /C setup.exe' },
  );
  const { id, warnings } = await store.rebase(app, { onto: newBase });
  assert.match(warnings.join('\n'), /^Layer 1 \(cmd \/S \/C setup\.exe\) changed the registry during its build/u);
  const [layer = ''] = await store.layersOf(id);
  assert.equal(readFileSync(join(layer, 'drive_c/TOOLS/t.exe'), 'utf8'), 'MZ');
  assert.match(readFileSync(join(layer, 'system.reg'), 'utf8'), /"Build"="26100"[^]*"Mine"="yes"/u);
  store.close();
});

test('a layer that changed files of Windows is warned of, by name', async () => {
  const store = await openStore();
  const libraries = ['a', 'b', 'c', 'd'].map((name) => [`drive_c/windows/system32/${name}.dll`, 'MZ'] as const);
  const app = await addLayer(
    store,
    { 'drive_c/windows/temp/x.log': '', ...Object.fromEntries(libraries) },
    { createdBy: 'RUN install' },
  );
  const { warnings } = await store.rebase(app, { onto: newBase });
  assert.match(
    warnings.join('\n'),
    /^Layer 1 \(RUN install\) changes files of Windows, .*10\.0\.26100\.1: (?:C:\\windows\\system32\\[abcd]\.dll(?:, )?){3} and 1 more$/u,
  );
  store.close();
});

test('an image moves from one image of others to another: their layers and settings go and come, its own stay', async () => {
  const store = await openStore();
  const runtime = async (version: string, on: string): Promise<void> => {
    const id = await addLayer(
      store,
      { [`drive_c/runtime/${version}.dll`]: 'MZ' },
      {
        on,
        createdBy: `COPY runtime ${version}`,
        config: {
          Env: [`RUNTIME=${version}`, 'Path=C:\\runtime'],
          Labels: { runtime: version },
          WorkingDir: 'C:\\runtime',
        },
      },
    );
    const { config = {} } = (await store.inspect(id)).config;
    const last = await store.commit({
      parent: id,
      config: { ...config, Cmd: ['repl.exe', version] },
      createdBy: 'CMD ["repl.exe"]',
      name: `runtime:${version}`,
    });
    assert.notEqual(last, id);
  };
  await runtime('1', oldBase);
  await runtime('2', newBase);
  const app = await addLayer(
    store,
    { 'drive_c/app/app.exe': 'MZ' },
    {
      on: 'runtime:1',
      createdBy: 'COPY app',
      config: { Env: ['RUNTIME=1', 'PATH=C:\\app', 'MINE=yes'], Labels: { runtime: '1', app: 'mine' } },
    },
  );
  const { id, warnings } = await store.rebase(app, { from: 'runtime:1', onto: 'runtime:2' });
  assert.deepEqual(warnings, []);
  const { config, base } = await store.inspect(id);
  assert.deepEqual(base, core);
  assert.deepEqual(config.config?.Env, ['RUNTIME=2', 'PATH=C:\\app', 'MINE=yes']);
  assert.deepEqual(config.config.Labels, { runtime: '2', app: 'mine' });
  assert.deepEqual(config.config.Cmd, ['repl.exe', '2'], 'it had set none itself');
  assert.equal(config.config.WorkingDir, 'C:\\runtime');
  assert.deepEqual(
    config.history?.slice(1).map(({ created_by: by }) => by),
    ['COPY runtime 2', 'CMD ["repl.exe"]', 'COPY app'],
  );
  const roots = await store.layersOf(id);
  const has = (path: string): boolean[] => roots.map((root) => existsSync(join(root, 'drive_c', path)));
  assert.deepEqual(has('app/app.exe'), [true, false, false]);
  assert.deepEqual(has('runtime/2.dll'), [false, true, false]);
  assert.ok(!has('runtime/1.dll').includes(true));
  await assert.rejects(store.rebase(app, { from: 'runtime:2', onto: newBase }), /was not built on "runtime:2"/u);
  await assert.rejects(store.rebase('runtime:1', { from: 'runtime:1', onto: newBase }), /no layers of its own/u);
  store.close();
});

test('only an image with layers of its own is moved, and only onto what there is', async () => {
  const store = await openStore();
  const app = await addLayer(store, { 'drive_c/a.txt': 'a' }, { createdBy: 'COPY a.txt' });
  await assert.rejects(store.rebase(oldBase, { onto: newBase }), (error) => isErrorCode(error, 'invalid-argument'));
  await assert.rejects(store.rebase(app, { onto: 'none:1' }), (error) => {
    assert.ok(isErrorCode(error, 'not-found'));
    assert.match(error.message, /"none:1" is no base image, and no image here$/u);
    return true;
  });
  await assert.rejects(store.rebase('none:1', { onto: newBase }), (error) => isErrorCode(error, 'not-found'));
  store.close();
});
