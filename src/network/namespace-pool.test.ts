import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createNamespacePool } from './namespace-pool.js';
import { deleteNamespace } from './links.js';

test('however many are taken at once, one spare namespace is made for them, and closing removes it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-namespaces-'));
  t.after(async () => {
    for (const name of await readdir(folder)) await deleteNamespace(join(folder, name));
    await rm(folder, { recursive: true });
  });
  const pool = createNamespacePool(folder);
  const taken = await Promise.all([pool.take(), pool.take(), pool.take(), pool.take()]);
  assert.equal(new Set(taken).size, 4);
  // A refill begins when the event loop is free, and takes a few milliseconds.
  await sleep(500);
  await pool.close();
  for (const path of taken) await deleteNamespace(path);
  assert.deepEqual(await readdir(folder), []);
});
