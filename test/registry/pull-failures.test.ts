import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ErrorCode, isErrorCode, WindowboxError } from '../../src/errors/index.js';
import { type BaseSource, type ImageStore, openImageStore } from '../../src/images/index.js';
import { runCommand } from '../../src/platform/index.js';
import { type Intercept, serveImage } from '../helpers/serve-image.js';
import { makeImage, mediaTypes } from '../helpers/windows-image.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-failures-'));
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
after(() => {
  rmSync(folder, { recursive: true });
});

const bases: BaseSource = { find: () => undefined, ensure: async () => ({ lower: [base] }) };

async function openStore(at = mkdtempSync(join(folder, 'store-'))): Promise<ImageStore> {
  return openImageStore({ folder: at, bases, choose: () => 0 });
}

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

const image = makeImage({ 'app.exe': 'MZ' });

interface Refusal {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error: { readonly code: ErrorCode; readonly message: string | RegExp; readonly hint?: RegExp };
}

const errorBody = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

/** What Docker's engine says in the same place. */
const refusals: readonly Refusal[] = [
  {
    status: 401,
    error: { code: 'unauthenticated', message: 'unauthorized: authentication required', hint: /docker login 127/u },
  },
  {
    status: 401,
    body: errorBody('DENIED', 'requested access to the resource is denied'),
    error: {
      code: 'unauthenticated',
      message:
        /^pull access denied for HOST\/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied$/u,
    },
  },
  {
    status: 403,
    error: {
      code: 'permission-denied',
      message: /^pull access denied for HOST\/app, repository does not exist or may require 'docker login': denied: /u,
      hint: /docker login/u,
    },
  },
  {
    status: 404,
    error: { code: 'not-found', message: /^manifest for HOST\/app:1 not found: manifest unknown: manifest unknown$/u },
  },
  {
    status: 404,
    body: errorBody('NAME_UNKNOWN', 'repository name not known to registry'),
    error: {
      code: 'not-found',
      message: /^repository HOST\/app not found: name unknown: repository name not known to registry$/u,
      hint: /Check the name/u,
    },
  },
  {
    status: 429,
    headers: { 'retry-after': '3600' },
    body: errorBody('TOOMANYREQUESTS', 'You have reached your pull rate limit.'),
    error: {
      code: 'resource-exhausted',
      message: 'toomanyrequests: You have reached your pull rate limit.',
      hint: /wants a pause of 3600 s/u,
    },
  },
  {
    status: 500,
    body: '<html>',
    error: {
      code: 'unavailable',
      message: 'received unexpected HTTP status: 500 Internal Server Error',
      hint: /Try again/u,
    },
  },
];

for (const { status, body = '', headers = {}, error: expected } of refusals)
  test(`a registry that answers ${String(status)} ${body.slice(20, 40)} is told in the words of Docker, with what to do`, async () => {
    const server = await serveImage(image, (_request, response) => {
      response.writeHead(status, headers);
      response.end(body);
      return true;
    });
    const store = await openStore();
    try {
      await assert.rejects(store.pull(`${server.host}/app:1`), (error) => {
        assert.ok(isErrorCode(error, expected.code), String(error));
        const message = error.message.replaceAll(server.host, 'HOST');
        if (typeof expected.message === 'string') assert.equal(message, expected.message);
        else assert.match(message, expected.message);
        if (expected.hint) assert.match(error.hint ?? '', expected.hint);
        return true;
      });
    } finally {
      store.close();
      await server.stop();
    }
  });

test('a pause that a busy registry asks for is kept', async () => {
  let [first, second] = [0, 0];
  const server = await serveImage(image, (request, response) => {
    if (!(request.url ?? '').includes('/manifests/')) return false;
    if (first > 0) {
      second = Date.now();
      return false;
    }
    first = Date.now();
    response.writeHead(429, { 'retry-after': '2' });
    response.end();
    return true;
  });
  const store = await openStore();
  await store.pull(`${server.host}/app:1`);
  assert.ok(second - first >= 1900, `${String(second - first)} ms`);
  store.close();
  await server.stop();
});

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

async function pullManifest(type: string, json: string): Promise<unknown> {
  const server = await serveImage(image, (request, response) => {
    if (!(request.url ?? '').includes('/manifests/')) return false;
    response.writeHead(200, { 'content-type': type });
    response.end(json);
    return true;
  });
  const store = await openStore();
  try {
    await store.pull(`${server.host}/app:1`);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    store.close();
    await server.stop();
  }
}

test('a manifest that is sent as plain JSON is read by what it says of itself', async () => {
  assert.equal(await pullManifest('application/json; charset=utf-8', image.manifest), undefined);
});

test('a web page in the place of a manifest is told as one', async () => {
  const error = await pullManifest('text/html; charset=utf-8', '<html>Sign in</html>');
  assert.ok(error instanceof WindowboxError);
  assert.equal(error.message, 'unsupported manifest media type and no default available: text/html');
  assert.match(error.hint ?? '', /proxy/u);
});

test('a manifest or a config that is longer than any image has is refused', async () => {
  const long = await pullManifest(mediaTypes.manifest, `${' '.repeat(5 << 20)}${image.manifest}`);
  assert.ok(isErrorCode(long, 'resource-exhausted'));
  const config = image.manifest.replace(/"size":\d+/u, '"size":9000000000');
  const large = await pullManifest(mediaTypes.manifest, config);
  assert.ok(isErrorCode(large, 'invalid-argument'));
  assert.match(large.message, /its config has 9000000000 bytes/u);
});
