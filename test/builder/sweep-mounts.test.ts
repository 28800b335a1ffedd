import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openImageStore } from '../../src/images/index.js';
import { dieWithMount } from '../helpers/die-with-mount.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-sweep mounts-'));
after(() => {
  rmSync(folder, { recursive: true });
});

test('what a killed daemon had mounted of its images is unmounted when the store opens, and no file is lost', async () => {
  const [store, base] = [join(folder, 'store'), join(folder, 'base')];
  mkdirSync(join(base, 'drive_c'), { recursive: true });
  writeFileSync(join(base, 'drive_c/kept.txt'), 'kept');
  const path = await dieWithMount(store, base);
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
