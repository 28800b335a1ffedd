import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isErrorCode } from '../../src/errors/index.js';
import { type BaseSource, type ImageStore, openImageStore } from '../../src/images/index.js';
import { serveImage } from '../helpers/serve-image.js';
import { until } from '../helpers/until.js';
import { makeImage } from '../helpers/windows-image.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-share-'));
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
after(() => {
  rmSync(folder, { recursive: true });
});

const bases: BaseSource = { find: () => undefined, ensure: async () => ({ lower: [base] }) };
const text = randomBytes(2_000_000).toString('hex');
const image = makeImage({ 'large.txt': text });
const blob = image.blobs.get(image.layerDigest) ?? Buffer.alloc(0);

/** A registry that sends half of the layer, and the rest only when it is let. */
async function serveHalf() {
  const held: { response: ServerResponse; from: number }[] = [];
  const server = await serveImage(image, (request, response) => {
    if (!(request.url ?? '').includes(image.layerDigest)) return false;
    const from = Number(/^bytes=(\d+)-/u.exec(request.headers.range ?? '')?.[1] ?? '0');
    const middle = Math.max(from, blob.length / 2);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': blob.length - from });
    response.write(blob.subarray(from, middle));
    held.push({ response, from: middle });
    return true;
  });
  const letGo = (): void => {
    for (const { response, from } of held.splice(0)) response.end(blob.subarray(from));
  };
  return { ...server, held, letGo };
}

async function openStore(): Promise<ImageStore & { readonly folder: string }> {
  const place = mkdtempSync(join(folder, 'store-'));
  return { ...(await openImageStore({ folder: place, bases, choose: () => 0 })), folder: place };
}

/** A pull, and a promise that it has the first half of the layer. */
function startPull(store: ImageStore, name: string) {
  const stop = new AbortController();
  let seen = 0;
  const report = ({ status, progressDetail }: { status: string; progressDetail?: { current?: number } }): void => {
    if (status === 'Downloading') seen = progressDetail?.current ?? seen;
  };
  const done = store.pull(name, { signal: stop.signal, report });
  done.catch(() => {});
  return { done, stop, hasHalf: async () => until(() => seen > 0) };
}

test('of two pulls that share a download the one goes on when the client of the other goes away', async () => {
  const server = await serveHalf();
  const store = await openStore();
  try {
    const first = startPull(store, `${server.host}/app:1`);
    await first.hasHalf();
    const second = startPull(store, `${server.host}/app:1`);
    await second.hasHalf();
    first.stop.abort();
    await assert.rejects(first.done, (error) => isErrorCode(error, 'cancelled'));
    server.letGo();
    const [layer = ''] = await store.layersOf(await second.done);
    assert.equal(readFileSync(join(layer, 'drive_c/large.txt'), 'utf8'), text);
    assert.equal(server.asked.filter((line) => line.includes(image.layerDigest)).length, 1, 'it was downloaded once');
  } finally {
    store.close();
    await server.stop();
  }
});

test('a download ends when nobody waits for it any more, and the next pull goes on where it stopped', async () => {
  const server = await serveHalf();
  const store = await openStore();
  try {
    const pulls = [startPull(store, `${server.host}/app:1`)];
    await pulls[0]?.hasHalf();
    pulls.push(startPull(store, `${server.host}/app:1`));
    await pulls[1]?.hasHalf();
    const [held] = server.held;
    const closed = new Promise((resolve) => held?.response.once('close', resolve));
    for (const { stop } of pulls) stop.abort();
    const third = startPull(store, `${server.host}/app:1`);
    for (const { done } of pulls) await assert.rejects(done, (error) => isErrorCode(error, 'cancelled'));
    await closed;
    server.held.splice(0);
    await until(() => server.held.length === 1);
    server.letGo();
    const [layer = ''] = await store.layersOf(await third.done);
    assert.equal(readFileSync(join(layer, 'drive_c/large.txt'), 'utf8'), text);
    assert.deepEqual(readdirSync(join(store.folder, 'ingest')), []);
  } finally {
    store.close();
    await server.stop();
  }
});
