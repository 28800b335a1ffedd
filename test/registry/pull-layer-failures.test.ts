import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isErrorCode } from '../../src/errors/index.js';
import { runCommand } from '../../src/platform/index.js';
import { folder, image, openStore } from '../helpers/failing-pull.js';
import { type Intercept, serveImage } from '../helpers/serve-image.js';
import { makeImage } from '../helpers/windows-image.js';

test(
  'a pull that finds no room says how much it needs and where, and keeps nothing',
  { skip: process.getuid?.() === 0 ? false : 'needs root, to mount a small file system' },
  async () => {
    const at = mkdtempSync(join(folder, 'disk-'));
    const server = await serveImage(makeImage({ 'large.bin': randomBytes(1_500_000).toString('hex') }));
    await runCommand('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', at], { timeoutMs: 10_000 });
    try {
      const store = await openStore(at);
      await assert.rejects(store.pull(`${server.host}/app:1`), (error) => {
        assert.ok(isErrorCode(error, 'resource-exhausted'), String(error));
        const { message } = error;
        assert.ok(message.startsWith(`Cannot pull "${server.host}/app:1": no space left on device: "${at}" has 0.`));
        assert.match(message, /free, 1\.\d MB and more are needed$/u);
        return true;
      });
      for (const name of ['layers', 'ingest', 'blobs/sha256']) assert.deepEqual(readdirSync(join(at, name)), [], name);
      store.close();
    } finally {
      await runCommand('umount', ['-l', at], { timeoutMs: 10_000 });
      await server.stop();
    }
  },
);

/** Answers for the layer alone. */
async function pullWithLayer(answer: Intercept): Promise<unknown> {
  const server = await serveImage(image, (request, response) =>
    (request.url ?? '').includes(image.layerDigest) ? answer(request, response) : false,
  );
  const store = await openStore();
  try {
    await store.pull(`${server.host}/app:1`);
    return undefined;
  } catch (error) {
    assert.deepEqual(await store.list(), []);
    return error;
  } finally {
    store.close();
    await server.stop();
  }
}

const layer = image.blobs.get(image.layerDigest) ?? Buffer.alloc(0);

test('a layer whose bytes are others than its digest says is refused in the words of Docker', async () => {
  const error = await pullWithLayer((_request, response) => {
    response.end(Buffer.alloc(layer.length, 'x'));
    return true;
  });
  assert.ok(isErrorCode(error, 'data-loss'));
  assert.equal(error.message, `filesystem layer verification failed for digest ${image.layerDigest}`);
  assert.match(error.hint ?? '', /Other bytes came/u);
});

test('a layer that always ends early says how far it came', async () => {
  const error = await pullWithLayer((_request, response) => {
    response.writeHead(200, { 'content-length': layer.length });
    response.write(layer.subarray(0, 50), () => response.destroy());
    return true;
  });
  assert.ok(isErrorCode(error, 'unavailable'));
  assert.match(
    error.message,
    /^Cannot download "sha256:[0-9a-f]+": 50 of \d+ bytes came, then: the connection broke$/u,
  );
});

test('a layer that the registry lists and does not have is an unknown blob', async () => {
  const error = await pullWithLayer((_request, response) => {
    response.writeHead(404);
    response.end();
    return true;
  });
  assert.ok(isErrorCode(error, 'not-found'));
  assert.equal(error.message, 'unknown blob');
});

test('a layer may lie at another host, which sees no login, not even when it asks for one', async () => {
  const seen: (string | undefined)[] = [];
  let challenge = false;
  const storage = await serveImage(image, (request, response) => {
    seen.push(request.headers.authorization);
    if (!challenge) return false;
    response.writeHead(401, { 'www-authenticate': `Basic realm="x"` });
    response.end();
    return true;
  });
  const server = await serveImage(image, (request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' });
      response.end();
      return true;
    }
    if (!(request.url ?? '').includes(image.layerDigest)) return false;
    response.writeHead(307, { location: `http://${storage.host}${request.url ?? ''}` });
    response.end();
    return true;
  });
  const credentials = { username: 'user', password: 'secret', identityToken: '', registryToken: '' };
  const store = await openStore();
  await store.pull(`${server.host}/app:1`, { credentials });
  assert.deepEqual(seen, [undefined]);
  challenge = true;
  const other = await openStore();
  await assert.rejects(other.pull(`${server.host}/app:1`, { credentials }), (error) =>
    isErrorCode(error, 'unauthenticated'),
  );
  assert.ok(seen.every((header) => header === undefined));
  for (const open of [store, other]) open.close();
  for (const open of [storage, server]) await open.stop();
});
