import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../platform/index.js';
import { type ImageStore, openImageStore } from './image-store.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-commit-'));
const mounts: string[] = [];
after(async () => {
  for (const mount of mounts) await runCommand('umount', [mount], { timeoutMs: 10_000 });
  rmSync(folder, { recursive: true });
});

const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows/system32'), { recursive: true });
mkdirSync(join(base, 'drive_c/data/old'), { recursive: true });
writeFileSync(join(base, 'drive_c/windows/notepad.exe'), 'MZ');
writeFileSync(join(base, 'drive_c/data/old/a.txt'), 'a');
writeFileSync(join(base, 'drive_c/data/old/b.txt'), 'b');
const registry = 'WINE REGISTRY Version 2\n\n[Software\\\\A] 1\n"x"="1"\n';
writeFileSync(join(base, 'system.reg'), registry);
writeFileSync(join(base, 'user.reg'), registry);

async function openStore(): Promise<ImageStore> {
  return openImageStore({
    folder: mkdtempSync(join(folder, 'store-')),
    bases: {
      find: ({ path }) =>
        path === 'windows/nanoserver' ? { product: 'nanoserver', osVersion: '10.0.26100.1' } : undefined,
      ensure: async () => ({ lower: [base] }),
    },
    choose: () => 0,
  });
}

/** A container's file system as a runtime mounts it. */
async function mountLayers(lower: readonly string[]): Promise<{ merged: string; upper: string }> {
  const place = mkdtempSync(join(folder, 'container-'));
  const [merged, upper, work] = ['merged', 'upper', 'work'].map((name) => join(place, name));
  assert.ok(merged !== undefined && upper !== undefined && work !== undefined);
  for (const path of [merged, upper, work]) mkdirSync(path);
  await runCommand(
    'mount',
    ['-t', 'overlay', 'overlay', '-o', `lowerdir=${lower.join(':')},upperdir=${upper},workdir=${work}`, merged],
    { timeoutMs: 10_000 },
  );
  mounts.push(merged);
  return { merged, upper };
}

test('what a container wrote is seen by the next one: new, changed, deleted, a folder made anew, the registry', async () => {
  const store = await openStore();
  const image = await store.resolve('mcr.microsoft.com/windows/nanoserver:x');
  const first = await mountLayers(await store.layersOf(image.id));
  const drive = join(first.merged, 'drive_c');
  writeFileSync(join(drive, 'new.txt'), 'new');
  rmSync(join(drive, 'windows/notepad.exe'));
  rmSync(join(drive, 'data/old'), { recursive: true });
  mkdirSync(join(drive, 'data/old'));
  writeFileSync(join(drive, 'data/old/b.txt'), 'new b');
  writeFileSync(join(first.merged, 'system.reg'), `${registry}"y"="2"\n`);
  writeFileSync(join(first.merged, 'user.reg'), registry.replace('] 1', '] 99'));

  const id = await store.commit({
    parent: image.id,
    upper: first.upper,
    config: { User: 'u' },
    createdBy: 'test',
    name: 'app',
  });
  const lower = await store.layersOf(id);
  const [layer = ''] = lower;
  assert.ok(existsSync(join(first.upper, 'drive_c/new.txt')), 'a copy: the container goes on');
  assert.ok(!existsSync(join(layer, 'user.reg')), 'a registry file without a change is not kept');
  assert.equal(
    readFileSync(join(layer, 'drive_c/ProgramData/Windowbox/registry/system.delta'), 'utf8'),
    'WINDOWBOX REGISTRY DELTA 1\n[Software\\\\A]\n"y"="2"\n',
  );
  assert.ok(
    lstatSync(join(layer, 'drive_c/data/old/a.txt')).isCharacterDevice(),
    'what an opaque folder hides is spelled out',
  );

  const second = await mountLayers(lower);
  assert.equal(readFileSync(join(second.merged, 'drive_c/new.txt'), 'utf8'), 'new');
  assert.ok(!existsSync(join(second.merged, 'drive_c/windows/notepad.exe')));
  assert.ok(!existsSync(join(second.merged, 'drive_c/data/old/a.txt')));
  assert.match(readFileSync(join(second.merged, 'system.reg'), 'utf8'), /"y"="2"/u);
  const { config } = await store.inspect('app');
  assert.equal(config.rootfs.diff_ids.length, 2);
  assert.equal(config.config?.User, 'u');
  const history = await store.history('app');
  assert.deepEqual(
    history.map(({ createdBy, id: own }) => [createdBy.slice(0, 14), own === '<missing>']),
    [
      ['test', false],
      ['Windowbox base', false],
    ],
  );
  store.close();
});

test('two stores give the same digest for the same layer and time', async () => {
  const ids: (string | undefined)[] = [];
  for (let round = 0; round < 2; round += 1) {
    const store = await openStore();
    const image = await store.resolve('mcr.microsoft.com/windows/nanoserver:x');
    const upper = mkdtempSync(join(folder, 'upper-'));
    mkdirSync(join(upper, 'drive_c/app'), { recursive: true });
    writeFileSync(join(upper, 'drive_c/app/a.exe'), 'MZ');
    ids.push(
      await store.commit({
        parent: image.id,
        upper,
        consume: true,
        config: {},
        createdBy: 'COPY',
        created: '2024-01-01T00:00:00Z',
        latest: 1_704_067_200,
      }),
    );
    assert.ok(!existsSync(upper), 'consumed: moved, not copied');
    store.close();
  }
  assert.equal(ids[0], ids[1]);
});

test('an image that only changes the config has its parent as history and no layer of its own', async () => {
  const store = await openStore();
  const image = await store.resolve('mcr.microsoft.com/windows/nanoserver:x');
  const id = await store.commit({ parent: image.id, config: { Env: ['A=1'] }, createdBy: 'ENV A=1' });
  const child = await store.inspect(id);
  assert.equal(child.parent, image.id);
  assert.equal(child.config.rootfs.diff_ids.length, 1);
  assert.equal(child.config.history?.at(-1)?.empty_layer, true);
  await assert.rejects(store.remove(image.id, { force: true, prune: true }), /dependent child images$/u);
  assert.deepEqual((await store.remove(id, { force: false, prune: true })).at(0), { deleted: id });
  store.close();
});

test('a layer goes with the last image that has it, not before', async () => {
  const store = await openStore();
  const image = await store.resolve('mcr.microsoft.com/windows/nanoserver:x');
  const upper = mkdtempSync(join(folder, 'upper-'));
  mkdirSync(join(upper, 'drive_c'));
  const below = await store.commit({ parent: image.id, upper, consume: true, config: {}, createdBy: 'a', name: 'a' });
  const above = await store.commit({ parent: below, config: {}, createdBy: 'b', name: 'b' });
  const [layer = ''] = await store.layersOf(above);
  await store.remove('a', { force: true, prune: true });
  assert.ok(existsSync(layer));
  await store.remove('b', { force: true, prune: true });
  assert.ok(!existsSync(layer));
  store.close();
});
