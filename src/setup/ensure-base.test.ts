import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isErrorCode } from '../errors/index.js';
import { containerOwner, type Paths, resolvePaths } from '../platform/index.js';
import { ensureBase } from './ensure-base.js';

const asRoot = { skip: process.getuid?.() === 0 ? false : 'needs root: layers belong to the user of containers' };
let home: string;
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'windowbox-base-'));
  paths = resolvePaths({ WINDOWBOX_HOME: home });
  const prefix = join(paths.runtime, 'prefix-00');
  mkdirSync(join(prefix, 'drive_c/windows/syswow64'), { recursive: true });
  mkdirSync(join(prefix, 'drive_c/windows/System32'), { recursive: true });
  writeFileSync(join(prefix, 'drive_c/windows/System32/MSI.dll'), '');
  writeFileSync(join(prefix, 'system.reg'), 'WINE REGISTRY Version 2\n\n[Software\\\\Kept] 0\n"A"="1"\n');
  const manifest = { root: 'root-00', kernel: 'kernel-00', guest: 'guest-00', prefix: 'prefix-00' };
  writeFileSync(join(paths.runtime, 'runtime.json'), JSON.stringify(manifest));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const nano = { product: 'nanoserver', osVersion: '10.0.26100.33296' } as const;
const core = { product: 'servercore', osVersion: '10.0.17763.3887' } as const;

test(
  'a base is its difference above the shared prefix, and the registry of the difference is whole',
  asRoot,
  async () => {
    const { lower } = await ensureBase(paths, core);
    assert.deepEqual(
      lower.map((folder) => basename(folder).replace(/-[0-9a-f]+$/u, '')),
      ['base-servercore-10.0.17763.3887', 'prefix'],
    );
    const registry = readFileSync(join(lower[0] ?? '', 'system.reg'), 'utf8');
    assert.match(registry, /^WINE REGISTRY Version 2\n/u);
    assert.match(registry, /\[Software\\\\Kept\] 0\n"A"="1"/u);
    assert.match(registry, /"CurrentBuildNumber"="17763"/u);
    assert.equal(statSync(join(lower[0] ?? '', 'system.reg')).uid, containerOwner.uid);
    assert.deepEqual(readdirSync(lower[0] ?? ''), ['system.reg']);
  },
);

test('what Nano Server lacks is hidden, in the spelling that it has in the prefix', asRoot, async () => {
  const { lower } = await ensureBase(paths, nano);
  for (const path of ['drive_c/windows/syswow64', 'drive_c/windows/System32/MSI.dll']) {
    const entry = statSync(join(lower[0] ?? '', path));
    assert.ok(entry.isCharacterDevice() && entry.rdev === 0, path);
  }
  assert.equal(statSync(join(lower[0] ?? '', 'drive_c/windows')).uid, containerOwner.uid);
});

test('many at once make one base and leave nothing else', asRoot, async () => {
  const made = await Promise.all(Array.from({ length: 6 }, async () => ensureBase(paths, nano)));
  assert.equal(new Set(made.map(({ lower }) => lower.join())).size, 1);
  const names = readdirSync(paths.runtime).map((name) => name.replace(/-[0-9a-f]+$/u, ''));
  assert.deepEqual(names.sort(), ['base-nanoserver-10.0.26100.33296', 'prefix', 'runtime.json']);
});

test('without a runtime the error says how to make one', async () => {
  rmSync(join(paths.runtime, 'runtime.json'));
  await assert.rejects(
    ensureBase(paths, core),
    (error) => isErrorCode(error, 'unavailable') && /windowbox setup/u.test(error.hint ?? ''),
  );
});

test('a version that is none makes nothing', async () => {
  await assert.rejects(ensureBase(paths, { product: 'server', osVersion: '../../etc' }), (error) =>
    isErrorCode(error, 'invalid-argument'),
  );
  assert.equal(existsSync(join(home, 'etc')), false);
});
