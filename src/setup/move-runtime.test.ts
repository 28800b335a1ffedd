import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { link, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isErrorCode } from '../errors/index.js';
import { type Paths, readRuntimeParts, resolvePaths } from '../platform/index.js';
import { buildPart, type Part } from './build-part.js';
import { exportRuntime, importRuntime } from './move-runtime.js';
import { pruneRuntime } from './prune-runtime.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windowbox-move-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Four tiny parts with a manifest; the prefix shares a file with the root, as the real ones do. */
async function makeRuntime(name: string): Promise<Paths> {
  const paths = resolvePaths({ WINDOWBOX_HOME: join(folder, name) });
  const options = { runtime: paths.runtime, rebuild: false, report: () => {} };
  const part = (partName: Part['name'], build: Part['build']): Part => ({
    name: partName,
    title: partName,
    recipe: 1,
    build,
  });
  const root = await buildPart(
    part('root', async (target) => writeFile(join(target, 'kernel32.dll'), 'code')),
    options,
  );
  const kernel = await buildPart(
    part('kernel', async (target) => writeFile(join(target, 'vmlinuz'), 'k')),
    options,
  );
  const guest = await buildPart(
    part('guest', async (target) => writeFile(join(target, 'agent.exe'), 'a')),
    options,
  );
  const prefix = await buildPart(
    part('prefix', async (target) => link(join(root, 'kernel32.dll'), join(target, 'copy.dll'))),
    options,
  );
  const names = Object.entries({ root, kernel, guest, prefix }).map(([key, value]) => [key, basename(value)]);
  writeFileSync(join(paths.runtime, 'runtime.json'), JSON.stringify(Object.fromEntries(names)));
  return paths;
}

for (const name of ['runtime.tar', 'runtime.tar.zst'])
  test(`a runtime goes through ${name} whole, shared files still shared`, async () => {
    const file = join(folder, name);
    await exportRuntime(await makeRuntime('one'), file);
    const two = resolvePaths({ WINDOWBOX_HOME: join(folder, 'two') });
    await importRuntime(two, file);
    const parts = await readRuntimeParts(two);
    assert.equal(readFileSync(join(parts.guest, 'agent.exe'), 'utf8'), 'a');
    assert.equal(statSync(join(parts.prefix, 'copy.dll')).ino, statSync(join(parts.root, 'kernel32.dll')).ino);
    assert.deepEqual(
      readdirSync(two.runtime).filter((entry) => /^\.(?:lock|building)/u.test(entry)),
      [],
    );
  });

test('a file that was cut changes nothing, and is told', async () => {
  const file = join(folder, 'runtime.tar');
  await exportRuntime(await makeRuntime('one'), file);
  truncateSync(file, statSync(file).size / 2);
  const two = resolvePaths({ WINDOWBOX_HOME: join(folder, 'two') });
  await assert.rejects(importRuntime(two, file), (error) => isErrorCode(error, 'data-loss'));
  assert.deepEqual(readdirSync(two.runtime), []);
});

test('a tar of something else is refused', async () => {
  const file = join(folder, 'other.tar');
  writeFileSync(file, Buffer.alloc(10_240));
  const two = resolvePaths({ WINDOWBOX_HOME: join(folder, 'two') });
  await assert.rejects(importRuntime(two, file), /no runtime\.json in it/u);
});

test('a file that is not there is not found', async () => {
  const two = resolvePaths({ WINDOWBOX_HOME: join(folder, 'two') });
  await assert.rejects(importRuntime(two, join(folder, 'none')), (error) => isErrorCode(error, 'not-found'));
});

test('without a finished runtime there is nothing to export', async () => {
  const none = resolvePaths({ WINDOWBOX_HOME: join(folder, 'none') });
  await assert.rejects(exportRuntime(none, join(folder, 'x.tar')), (error) => isErrorCode(error, 'unavailable'));
  assert.equal(existsSync(join(folder, 'x.tar')), false);
});

test('pruning keeps the current parts, and removes older ones and the differences of bases', async () => {
  const paths = await makeRuntime('one');
  const before = await readRuntimeParts(paths);
  const options = { runtime: paths.runtime, rebuild: false, report: () => {} };
  const old = await buildPart({ name: 'guest', title: 'old', recipe: 'old', build: async () => {} }, options);
  const removed = await pruneRuntime(paths);
  assert.deepEqual([...removed].sort(), [`.contents-${basename(old)}.json`, basename(old)].sort());
  assert.deepEqual(await readRuntimeParts(paths), before);
  assert.ok(Object.values(before).every((part: string) => existsSync(part)));
});
