import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type ListedEntry, readListingLine } from '../../docker-api/index.js';
import { isErrorCode } from '../../errors/index.js';
import { readTar } from '../../platform/index.js';
import { listFolder, type ListedFolder } from './listed-folder.js';
import { isSettled, stampOf } from './stamp-file.js';

function tempFolder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-listed-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Reads the list; what is left of the stream is the tar. */
async function readList({ upload }: ListedFolder): Promise<{ entries: ListedEntry[]; rest: AsyncIterator<Buffer> }> {
  const rest: AsyncIterator<Buffer> = upload[Symbol.asyncIterator]();
  let text = '';
  while (!text.endsWith('\n\n') && text !== '\n') text += String((await rest.next()).value);
  return { entries: text.trim().split('\n').map(readListingLine), rest };
}

async function readFiles(rest: AsyncIterator<Buffer>): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { header, body } of readTar({ [Symbol.asyncIterator]: () => rest })) {
    let text = '';
    for await (const chunk of body) text += Buffer.from(chunk).toString();
    files[header.name] = text;
  }
  return files;
}

test('a folder is listed without what is left out, and only what is asked for is sent, a Dockerfile of elsewhere included', async (t) => {
  const path = tempFolder(t, { 'a.txt': 'one', 'sub/b.txt': 'two', 'no.log': 'no' });
  symlinkSync('a.txt', join(path, 'link'));
  const more = { name: 'Else', content: Buffer.from('FROM x') };
  const listed = listFolder({ path, leaveOut: (name) => name === 'no.log', more });
  const { entries, rest } = await readList(listed);
  assert.deepEqual(
    entries.map((entry) => `${entry.type} ${entry.path}`),
    ['file Else', 'file a.txt', 'symlink link', 'folder sub', 'file sub/b.txt'],
  );
  listed.want([0, 4]);
  listed.want([1]);
  const files = await Promise.all([
    readFiles(rest),
    // Later than the first batches: the end is told when they have been taken.
    new Promise<void>((resolve) => {
      setImmediate(resolve);
    }).then(() => {
      listed.want([]);
    }),
  ]).then(([found]) => found);
  assert.deepEqual(files, { Else: 'FROM x', 'sub/b.txt': 'two', 'a.txt': 'one' });
});

test('a file that is too young has no stamp, one that was left alone has one that a change or a replacement changes', (t) => {
  const path = join(tempFolder(t, { a: 'one', b: 'two' }), 'a');
  const first = statSync(path);
  assert.ok(!isSettled(first, first.ctimeMs + 1999));
  assert.ok(isSettled(first, first.ctimeMs + 2001));
  writeFileSync(path, 'ONE');
  // Its time as it was: ctime cannot be put back.
  utimesSync(path, first.atime, first.mtime);
  assert.notEqual(stampOf(statSync(path)), stampOf(first));
  const second = statSync(path);
  renameSync(join(path, '../b'), path);
  assert.notEqual(stampOf(statSync(path)), stampOf(second));
});

test('a young file is listed without a stamp', async (t) => {
  const { entries } = await readList(listFolder({ path: tempFolder(t, { a: 'one' }), leaveOut: () => false }));
  assert.equal(entries[0]?.type === 'file' ? entries[0].stamp : undefined, '');
});

for (const [name, change] of [
  ['changed', (path: string) => writeFileSync(path, 'TWO')],
  ['vanished', (path: string) => rmSync(path)],
] as const)
  test(`a file that has ${name} when its turn comes fails with its name and what to do`, async (t) => {
    const path = tempFolder(t, { a: 'one' });
    const listed = listFolder({ path, leaveOut: () => false });
    const { rest } = await readList(listed);
    change(join(path, 'a'));
    listed.want([0]);
    await assert.rejects(readFiles(rest), (error) => {
      assert.ok(isErrorCode(error, 'conflict'));
      assert.equal(error.message, `Cannot send "${join(path, 'a')}": it changed while the build ran`);
      assert.equal(error.hint, 'Run the build again.');
      return true;
    });
  });
