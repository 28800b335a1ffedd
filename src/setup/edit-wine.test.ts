import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { editWine, type WineEdit, wineEdits } from './edit-wine.js';

const edit: WineEdit = { file: 'library', what: 'a word', from: Buffer.from('old'), to: Buffer.from('new') };

test('the bytes are written over in place, and nothing else changes', async (t) => {
  const folder = await folderWith(t, 'before old after');
  assert.deepEqual(await editWine(folder, [edit]), []);
  assert.equal(await readFile(join(folder, 'library'), 'utf8'), 'before new after');
});

test('a library without the bytes, or with them more than once, stays as it is and is told', async (t) => {
  for (const text of ['nothing', 'old old']) {
    const folder = await folderWith(t, text);
    assert.deepEqual(await editWine(folder, [edit]), [edit]);
    assert.equal(await readFile(join(folder, 'library'), 'utf8'), text);
  }
});

test('no edit changes the length of a file', () => {
  for (const { what, from, to } of wineEdits) assert.equal(from.length, to.length, what);
});

async function folderWith(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-wine-edits-'));
  t.after(async () => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'library'), text);
  return folder;
}
