import assert from 'node:assert/strict';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WindowboxError } from '../../errors/index.js';
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

test('a head that never ends is refused with 408, however slowly it goes on', async (t) => {
  const client = rawClient(await serve(t, [echo], { headersMs: 400 }));
  client.send('POST /echo HTTP/1.1\r\nHost: d\r\n');
  const drip = setInterval(() => client.send('X-A: b\r\n'), 50);
  t.after(() => {
    clearInterval(drip);
  });
  assert.match(await client.closed(), /^HTTP\/1\.1 408 Request Timeout\r\n/u);
});

test('a body that stands still ends its connection; one that is slow and goes on is read', async (t) => {
  const path = await serve(t, [echo], { idleBodyMs: 400 });
  const head = 'POST /echo HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n';
  const still = rawClient(path);
  still.send(`${head}{"a"`);
  assert.doesNotMatch(await still.closed(), /200 OK/u);
  const slow = rawClient(path);
  slow.send(head);
  for (const byte of '{"a": 1}') {
    await sleep(100);
    slow.send(byte);
  }
  assert.match(await slow.until('{"a":1}'), /^HTTP\/1\.1 200 OK/u);
  slow.destroy();
});

test('a handler that takes longer between two bytes of a body than a client may loses neither', async (t) => {
  const busy: Route = {
    ...echo,
    path: '/busy',
    handle: async (request) => {
      let text = '';
      for await (const chunk of request.body) {
        text += Buffer.from(chunk).toString();
        await sleep(300);
      }
      return json({ text });
    },
  };
  const client = rawClient(await serve(t, [busy], { idleBodyMs: 100 }));
  client.send('POST /busy HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\na');
  await sleep(200);
  client.send('b');
  assert.match(await client.until('"ab"'), /^HTTP\/1\.1 200 OK/u);
  client.destroy();
});

test('a body that nobody reads does not keep the connection of an answer that went out', async (t) => {
  const deaf: Route = { ...echo, path: '/deaf', handle: async () => json({ heard: false }) };
  const client = rawClient(await serve(t, [deaf], { idleMs: 400 }));
  client.send('POST /deaf HTTP/1.1\r\nHost: d\r\nContent-Length: 1000\r\n\r\n{');
  assert.match(await client.closed(), /^HTTP\/1\.1 200 OK[^]*heard/u);
});

for (const length of ['Content-Length: 50000000', 'Transfer-Encoding: chunked'])
  test(`a client that still sends when it is refused reads the whole refusal (${length})`, async (t) => {
    const refuse: Route = {
      ...echo,
      path: '/refuse',
      handle: async (request) => {
        for await (const chunk of request.body) throw new WindowboxError('invalid-argument', `no ${String(chunk[0])}`);
        return json(undefined);
      },
    };
    const client = rawClient(await serve(t, [refuse]));
    client.send(`POST /refuse HTTP/1.1\r\nHost: d\r\nConnection: close\r\n${length}\r\n\r\n`);
    const chunk = Buffer.from(length.startsWith('T') ? `10000\r\n${'x'.repeat(65536)}\r\n` : 'x'.repeat(65536));
    for (let sent = 0; sent < 100; sent += 1) {
      client.send(chunk);
      await sleep(1);
    }
    assert.match(await client.until('no 120'), /^HTTP\/1\.1 400 /u);
    client.send(chunk);
    await client.closed();
    assert.equal(client.failure(), undefined);
  });

test('connections over the limit are closed, and the next is served when one has gone', async (t) => {
  const path = await serve(t, [echo], { connections: 3 });
  const ask = 'POST /echo HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';
  const clients = Array.from({ length: 3 }, () => rawClient(path));
  for (const client of clients) {
    client.send(ask);
    await client.until('{}');
  }
  assert.equal(await rawClient(path).closed(), '');
  clients[0]?.destroy();
  await clients[0]?.closed();
  await sleep(100);
  const next = rawClient(path);
  next.send(ask);
  assert.match(await next.until('{}'), /^HTTP\/1\.1 200 OK/u);
  for (const client of [...clients, next]) client.destroy();
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
