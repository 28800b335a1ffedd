import assert from 'node:assert/strict';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { rawClient } from '../testing/raw-client.js';
import { serve } from '../testing/serve.js';
import { listenOnSocket } from './listen.js';
import { readJsonValue } from './read-body.js';
import { json } from './reply.js';
import type { Route } from './route.js';

const echo: Route = {
  method: 'POST',
  path: '/echo',
  summary: '',
  state: 'done',
  handle: async (request) => json(await readJsonValue(request)),
};

const smuggled: readonly (readonly [string, string])[] = [
  ['two lengths', 'Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}'],
  ['a length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'],
  ['a length that is no number', 'Content-Length: +2\r\n\r\n{}'],
  ['an unknown transfer encoding', 'Transfer-Encoding: cow\r\n\r\n{}'],
  ['a chunk without a size', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'],
  ['a chunk longer than its size', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n'],
  ['a space before the colon', 'Content-Length : 2\r\n\r\n{}'],
  ['a header that goes on in the next line', 'Content-Length: 2\r\nX-A: b\r\n c\r\n\r\n{}'],
];

for (const [what, rest] of smuggled)
  test(`a request with ${what} is refused and its connection closed`, async (t) => {
    const client = rawClient(await serve(t, [echo]));
    client.send(`POST /echo HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n${rest}`);
    client.send(
      'POST /echo HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"evil":true}',
    );
    const all = await client.closed();
    assert.doesNotMatch(all, /evil/u);
    if (all !== '') assert.match(all, /^HTTP\/1\.1 400 Bad Request/u);
  });

test('a head that is too long is refused with 431', async (t) => {
  const client = rawClient(await serve(t, [echo]));
  client.send(`GET /echo HTTP/1.1\r\nHost: d\r\nX-Long: ${'x'.repeat(300 * 1024)}\r\n\r\n`);
  assert.match(await client.closed(), /^HTTP\/1\.1 431 /u);
});

test('a JSON body that is too long is refused without being kept', async (t) => {
  const client = rawClient(await serve(t, [echo]));
  client.send(
    `POST /echo HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: ${String(64 * 1024 * 1024)}\r\n\r\n`,
  );
  for (let count = 0; count < 40; count += 1) client.send(Buffer.alloc(256 * 1024, 0x20));
  assert.match(await client.until('\r\n\r\n'), /^HTTP\/1\.1 503 /u);
  client.destroy();
});

test('the socket belongs to root and its group alone, and a stale one is replaced', async (t) => {
  const path = await serve(t, [echo]);
  assert.equal((await stat(path)).mode & 0o777, 0o660);
  await assert.rejects(listenOnSocket(createServer(), path), /another daemon listens there/u);
  const file = `${path}.txt`;
  await writeFile(file, 'precious');
  await chmod(file, 0o600);
  await assert.rejects(listenOnSocket(createServer(), file), /a file that is no socket/u);
});

test('every answer names its request', async (t) => {
  const client = rawClient(await serve(t, [echo]));
  client.send('GET /v1.44/nowhere HTTP/1.1\r\nHost: d\r\n\r\n');
  const answer = await client.until('page not found');
  assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/u);
  assert.match(answer, /X-Request-Id: [0-9a-f]{16}\r\n/u);
  assert.match(answer, /Ostype: windows\r\n/u);
  client.destroy();
});
