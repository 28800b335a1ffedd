import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { test } from 'node:test';
import { createSender } from './create-sender.js';

test("a mirror never sees the registry's login, not even of a call that begins while another logs in", async () => {
  const seen: (string | undefined)[] = [];
  const mirror = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(request.url === '/v2/first' ? 200 : 404).end();
  });
  let second: Promise<unknown> | undefined;
  const own = await serve((request, response) => {
    if (request.headers.authorization === undefined)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    else if (second) response.end();
    else {
      second = ask('/v2/third');
      second.then(
        () => response.end(),
        () => response.destroy(),
      );
    }
  });
  const send = createSender({
    domain: 'docker.io',
    path: 'app',
    endpoints: [{ ...mirror.endpoint, isMirror: true }, own.endpoint],
    credentials: { username: 'user', password: 'secret', identityToken: '', registryToken: '' },
  });
  const ask = async (target: string): Promise<void> => {
    (await send({ method: 'GET', target })).body.resume();
  };
  try {
    await ask('/v2/first');
    await ask('/v2/second');
    assert.deepEqual(seen, [undefined, undefined, undefined]);
  } finally {
    for (const { server } of [mirror, own]) {
      server.closeAllConnections();
      server.close();
    }
  }
});

async function serve(answer: RequestListener): Promise<{ server: Server; endpoint: { url: URL; tls: object } }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  return { server, endpoint: { url: new URL(`http://127.0.0.1:${port}`), tls: {} } };
}
