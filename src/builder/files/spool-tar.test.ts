import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { WindowboxError } from '../../errors/index.js';
import { tarEnd, tarHeader } from '../../platform/index.js';
import { spoolTar } from './spool-tar.js';

async function* deepNames(entries: number, depth: number): AsyncGenerator<Uint8Array> {
  for (let entry = 0; entry < entries; entry += 1)
    yield tarHeader({ name: `${String(entry)}/${'a/'.repeat(depth)}f`, type: 'file', size: 0 });
  yield tarEnd;
}

test('few entries whose names are thousands of folders each are refused like many entries, and nothing stays', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-spool-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const tree = await spoolTar(deepNames(10, 1900), folder);
  assert.equal(tree.list([]).length, 10);
  tree.close();
  await assert.rejects(
    spoolTar(deepNames(600, 1900), folder),
    (error) =>
      error instanceof WindowboxError &&
      error.code === 'resource-exhausted' &&
      /\.dockerignore/u.test(error.hint ?? ''),
  );
  assert.deepEqual(await readdir(folder), []);
});
