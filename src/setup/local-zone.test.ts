import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { leadToLocalZone } from './local-zone.js';

const path = '\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Time Zones\0';

test('the path is written over in place, and nothing else changes', async (t) => {
  const file = await fileWith(t, `before ${path} after`);
  const before = await readFile(file);
  assert.equal(await leadToLocalZone(file), true);
  const after = await readFile(file);
  assert.equal(after.length, before.length);
  assert.equal(after.toString('utf16le'), `before ${path} after`.replace('Time Zones', 'Local Zone'));
});

test('a library without the path, or with it more than once, stays as it is', async (t) => {
  for (const text of ['no such path', `${path}${path}`]) {
    const file = await fileWith(t, text);
    assert.equal(await leadToLocalZone(file), false);
    assert.equal((await readFile(file)).toString('utf16le'), text);
  }
});

async function fileWith(t: { after(done: () => Promise<void>): void }, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-zone-'));
  t.after(async () => rm(folder, { recursive: true }));
  const file = join(folder, 'ntdll.so');
  await writeFile(file, Buffer.from(text, 'utf16le'));
  return file;
}
