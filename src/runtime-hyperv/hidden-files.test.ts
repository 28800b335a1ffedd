import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { applyHiddenFiles } from './hidden-files.js';

async function withFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-hidden-'));
  try {
    await mkdir(join(folder, 'upper', 'drive_c', 'windows'), { recursive: true });
    await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function hide(folder: string, paths: readonly string[]): Promise<void> {
  const list = join(folder, 'hidden');
  await writeFile(list, paths.map((path) => `${path}\0`).join(''));
  await applyHiddenFiles(folder, list);
}

test('a deleted file becomes a whiteout, twice the same', async () => {
  await withFolder(async (folder) => {
    const paths = ['/drive_c/windows/win.ini', '/drive_c/odd\nname'];
    await hide(folder, paths);
    await hide(folder, paths);
    for (const path of paths) {
      const found = await lstat(join(folder, 'upper', path));
      assert.ok(found.isCharacterDevice() && found.rdev === 0);
    }
  });
});

test('no list is nothing to hide', async () => {
  await withFolder(async (folder) => applyHiddenFiles(folder, join(folder, 'missing')));
});

const hostile = ['/../outside', '/drive_c/../../outside', 'drive_c/x', '/', '/drive_c//x', '/link/x', '/drive_c/./x'];
for (const path of hostile)
  test(`a guest cannot hide ${JSON.stringify(path)}`, async () => {
    await withFolder(async (folder) => {
      await mkdir(join(folder, 'elsewhere'));
      await symlink(join(folder, 'elsewhere'), join(folder, 'upper', 'link'));
      await assert.rejects(hide(folder, [path]), { code: 'data-loss' });
    });
  });
