import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openImageStore } from '../../src/images/index.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-sweep mounts-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** Opens the store, mounts an image, tells where, and waits to be killed. */
const holder = `
  const { openImageStore } = await import(process.argv[1]);
  const [, , store, base] = process.argv;
  const images = await openImageStore({
    folder: store,
    bases: { find: () => ({ product: 'nanoserver', osVersion: '10.0.20348.1' }), ensure: async () => ({ lower: [base] }) },
    choose: () => 0,
  });
  const { id } = await images.resolve('mcr.microsoft.com/windows/nanoserver:x');
  console.log((await images.mount(id)).path);
  setInterval(() => {}, 1000);
`;

test('what a killed daemon had mounted of its images is unmounted when the store opens, and no file is lost', async () => {
  const [store, base] = [join(folder, 'store'), join(folder, 'base')];
  mkdirSync(join(base, 'drive_c'), { recursive: true });
  writeFileSync(join(base, 'drive_c/kept.txt'), 'kept');
  const module = new URL('../../src/images/index.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder, module, store, base], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGKILL');
  await once(child, 'close');
  const path = said.toString().trim();
  assert.equal(readFileSync(join(path, 'drive_c/kept.txt'), 'utf8'), 'kept', 'it is still mounted');
  mkdirSync(join(store, 'mounts/unused'));

  const images = await openImageStore({ folder: store, bases: noBases, choose: () => 0 });
  images.close();
  assert.deepEqual(readdirSync(join(store, 'mounts')), []);
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), /sweep\\040mounts-/u);
  assert.equal(readFileSync(join(base, 'drive_c/kept.txt'), 'utf8'), 'kept');
});

const noBases = {
  find: () => undefined,
  ensure: async (): Promise<never> => {
    throw new Error('no base is needed');
  },
};
