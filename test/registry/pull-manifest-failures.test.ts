import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErrorCode, WindowboxError } from '../../src/errors/index.js';
import { image, openStore } from '../helpers/failing-pull.js';
import { serveImage } from '../helpers/serve-image.js';
import { mediaTypes } from '../helpers/windows-image.js';

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
