import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { isErrorCode } from '../../errors/index.js';
import { openRepository } from './registry-client.js';

test('pieces longer than what fits in memory are refused before anything is read', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(202, { location: '/upload', 'oci-chunk-min-length': String(1 << 30) }).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const url = new URL(`http://127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}`);
  const repository = openRepository({
    domain: url.host,
    path: 'app',
    endpoints: [{ url, tls: {} }],
    credentials: undefined,
    push: true,
  });
  const source = async (): Promise<never> => Promise.reject(new Error('it was read'));
  try {
    await assert.rejects(repository.putBlob({ digest: 'sha256:0', size: 1 << 30, source }), (error) => {
      assert.ok(isErrorCode(error, 'unsupported'));
      assert.match(error.message, /wants pieces of at least 1073741824 bytes$/u);
      return true;
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
