import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tarEnd, tarHeader, tarPadding } from '../platform/index.js';
import { type ImageStore, openImageStore } from './image-store.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-power-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
const nano = { product: 'nanoserver', osVersion: '10.0.26100.1' } as const;

async function openStore(at: string, boot: string): Promise<{ store: ImageStore; told: string[] }> {
  const told: string[] = [];
  const store = await openImageStore({
    folder: at,
    bases: { find: () => nano, ensure: async () => ({ lower: [base] }) },
    choose: () => 0,
    boot,
    onTrouble: (text) => told.push(text),
  });
  return { store, told };
}

async function* archive(text: string): AsyncGenerator<Uint8Array> {
  yield tarHeader({ name: 'file.txt', type: 'file', size: text.length });
  yield Buffer.from(text);
  yield tarPadding(text.length);
  yield tarEnd;
}

async function namesIn(store: ImageStore): Promise<readonly string[]> {
  return (await store.list()).flatMap(({ names }) => names).toSorted();
}

function layersIn(home: string): readonly string[] {
  return readdirSync(join(home, 'layers'));
}

test('an image that was made a moment before the machine went down is gone as a whole, and its loss is told', async () => {
  const home = mkdtempSync(join(folder, 'cut-'));
  const { store } = await openStore(home, 'first boot');
  await store.importTar({ tar: archive('early'), base: nano, name: 'early:1' });
  // Another machine's time: nothing of the first store ran to its end.
  const { store: next, told } = await openStore(home, 'second boot');
  assert.deepEqual(await namesIn(next), []);
  assert.deepEqual(layersIn(home), []);
  assert.deepEqual(told, [
    'The image "early:1" is gone: the machine went down before all of it was on the disk. Pull, load or build it again.',
  ]);
  await next.importTar({ tar: archive('early'), base: nano, name: 'again:1' });
  assert.deepEqual(await namesIn(next), ['again:1']);
  next.close();
  store.close();
});

test('a daemon that dies takes nothing, since the kernel has the files', async () => {
  const home = mkdtempSync(join(folder, 'killed-'));
  const { store } = await openStore(home, 'one boot');
  await store.importTar({ tar: archive('kept'), base: nano, name: 'kept:1' });
  const { store: next, told } = await openStore(home, 'one boot');
  assert.deepEqual(await namesIn(next), ['kept:1']);
  assert.deepEqual(told, []);
  next.close();
  store.close();
});

test('some seconds later, and at the end of the daemon, all is on the disk, and nothing is lost any more', async () => {
  const home = mkdtempSync(join(folder, 'later-'));
  const { store } = await openStore(home, 'first boot');
  await store.importTar({ tar: archive('synced'), base: nano, name: 'synced:1' });
  await new Promise((resolve) => setTimeout(resolve, 6000));
  const { store: next } = await openStore(home, 'second boot');
  assert.deepEqual(await namesIn(next), ['synced:1']);
  await next.importTar({ tar: archive('closed'), base: nano, name: 'closed:1' });
  next.close();
  const { store: last, told } = await openStore(home, 'third boot');
  assert.deepEqual(await namesIn(last), ['closed:1', 'synced:1']);
  assert.deepEqual(told, []);
  assert.ok(layersIn(home).every((name) => existsSync(join(home, 'layers', name, 'root'))));
  last.close();
  store.close();
});

test('an image on a lost layer is lost with it, one beside it stays', async () => {
  const home = mkdtempSync(join(folder, 'above-'));
  const { store } = await openStore(home, 'first boot');
  await store.importTar({ tar: archive('beside'), base: nano, name: 'beside:1' });
  store.close();
  const { store: again } = await openStore(home, 'first boot');
  const below = await again.importTar({ tar: archive('below'), base: nano, name: 'below:1' });
  await again.commit({ parent: below, config: {}, createdBy: 'a step', name: 'above:1' });
  const { store: next, told } = await openStore(home, 'second boot');
  assert.deepEqual(await namesIn(next), ['beside:1']);
  assert.equal(told.length, 2);
  next.close();
});

test('where the disk refuses, that is told, and the images are not taken for kept', async () => {
  const home = mkdtempSync(join(folder, 'refused-'));
  const tools = mkdtempSync(join(folder, 'tools-'));
  writeFileSync(join(tools, 'sync'), '#!/bin/sh\necho "no space left" >&2\nexit 1\n', { mode: 0o755 });
  const path = process.env['PATH'] ?? '';
  process.env['PATH'] = `${tools}:${path}`;
  try {
    const { store, told } = await openStore(home, 'first boot');
    await store.importTar({ tar: archive('refused'), base: nano, name: 'refused:1' });
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    store.close();
    assert.equal(told.length, 2);
    for (const text of told) assert.match(text, /^Image layers could not be brought to the disk, .*no space left/u);
  } finally {
    process.env['PATH'] = path;
  }
  const { store: next } = await openStore(home, 'second boot');
  assert.deepEqual(await namesIn(next), []);
  next.close();
});
