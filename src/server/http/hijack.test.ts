import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { WindowboxError } from '../../errors/index.js';
import type { AttachSession } from '../../engine/index.js';
import { fakeSession } from '../testing/fake-session.js';
import { framesOf, rawClient } from '../testing/raw-client.js';
import { serve } from '../testing/serve.js';
import { attachReply } from './attach-reply.js';
import { readJsonValue } from './read-body.js';
import { json } from './reply.js';
import type { Route } from './route.js';

const state = 'done';
const attach = (session: AttachSession, path = '/attach'): Route => ({
  method: 'POST',
  path,
  hijack: 'tcp',
  body: 'none',
  summary: '',
  state,
  handle: (request) => attachReply(session, { version: request.version, detachKeys: undefined }),
});
/** As `exec start`: a JSON body comes before the stream. */
const exec = (session: AttachSession, bodies: unknown[]): Route => ({
  ...attach(session, '/exec'),
  body: 'json',
  handle: async (request) => {
    bodies.push(await readJsonValue(request));
    return attachReply(session, { version: request.version, detachKeys: undefined });
  },
});
const upgrade = 'Connection: Upgrade\r\nUpgrade: tcp\r\n';

test('Upgrade: tcp is answered with 101, then output goes framed and input raw, both at once', async (t) => {
  const session = fakeSession();
  const client = rawClient(await serve(t, [attach(session)]));
  client.send(`POST /v1.44/attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`);
  await session.say('stdout', 'out');
  await session.say('stderr', 'err');
  const head = await client.until('err');
  assert.match(
    head,
    /^HTTP\/1\.1 101 UPGRADED\r\nContent-Type: application\/vnd\.docker\.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n/u,
  );
  client.send('typed');
  await session.say('stdout', ' more');
  await client.until(' more');
  session.finish();
  await client.closed();
  assert.equal(session.received(), 'typed');
  assert.deepEqual(framesOf(client.bytes()), { stdout: 'out more', stderr: 'err' });
});

test('before API 1.42 the content type is the raw one, framed or not', async (t) => {
  const session = fakeSession();
  const client = rawClient(await serve(t, [attach(session)]));
  client.send(`POST /v1.41/attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`);
  assert.match(await client.until('\r\n\r\n'), /Content-Type: application\/vnd\.docker\.raw-stream/u);
  session.finish();
  await client.closed();
});

test('a terminal is not framed', async (t) => {
  const session = fakeSession(true);
  const client = rawClient(await serve(t, [attach(session)]));
  client.send(`POST /v1.44/attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`);
  await session.say('stdout', 'C:\\>');
  session.finish();
  const all = await client.closed();
  assert.match(all, /raw-stream/u);
  assert.ok(all.endsWith('\r\n\r\nC:\\>'));
});

test('the old way, without Upgrade: 200, no length, no chunks, and both directions work', async (t) => {
  const session = fakeSession();
  const client = rawClient(await serve(t, [attach(session)]));
  client.send('POST /v1.44/attach HTTP/1.1\r\nHost: d\r\n\r\n');
  assert.equal(
    await client.until('\r\n\r\n'),
    'HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n',
  );
  client.send('GET / HTTP/1.1\r\n\r\n');
  await session.say('stdout', 'out');
  await client.until('out');
  client.end();
  while (!session.state().inputEnded) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(session.received(), 'GET / HTTP/1.1\r\n\r\n', 'what looks like a request is input');
  await session.say('stdout', ' after the end of input');
  session.finish();
  await client.closed();
  assert.equal(framesOf(client.bytes()).stdout, 'out after the end of input');
});

for (const header of [upgrade, ''])
  test(`a client that still sends when the program ends gets the output and its end, ${header === '' ? 'without' : 'with'} Upgrade`, async (t) => {
    const session = { ...fakeSession(), write: async () => new Promise<never>(() => {}) };
    const client = rawClient(await serve(t, [attach(session)]));
    client.send(`POST /v1.44/attach HTTP/1.1\r\nHost: d\r\n${header}\r\n`);
    await client.until('\r\n\r\n');
    client.send('never read');
    await sleep(50);
    for (let count = 0; count < 20; count += 1) client.send(Buffer.alloc(8192));
    await session.say('stdout', 'said');
    await client.until('said');
    session.finish();
    await client.closed();
    assert.equal(client.failure(), undefined);
  });

const bodies: readonly (readonly [string, string])[] = [
  ['by its length', 'Content-Length: 16\r\n\r\n{"Detach":false}'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n7\r\n{"Detac\r\n9;x=y\r\nh":false}\r\n0\r\n\r\n'],
];

for (const [how, rest] of bodies)
  for (const header of ['', upgrade])
    test(`a JSON body ${how} comes before the stream, ${header === '' ? 'without' : 'with'} Upgrade`, async (t) => {
      const session = fakeSession();
      const seen: unknown[] = [];
      const client = rawClient(await serve(t, [exec(session, seen)]));
      const request = `POST /exec HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n${header}${rest}`;
      client.send(request.slice(0, -5));
      await new Promise((resolve) => setTimeout(resolve, 20));
      client.send(request.slice(-5));
      await client.until('\r\n\r\n');
      client.send('typed');
      await session.say('stdout', 'out');
      await client.until('out');
      while (session.received() === '') await new Promise((resolve) => setTimeout(resolve, 5));
      session.finish();
      await client.closed();
      assert.deepEqual(seen, [{ Detach: false }]);
      assert.equal(session.received(), 'typed');
    });

test('input that arrives together with the request is not lost', async (t) => {
  const session = fakeSession();
  const seen: unknown[] = [];
  const client = rawClient(await serve(t, [exec(session, seen)]));
  client.send(
    `POST /exec HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n${upgrade}Content-Length: 2\r\n\r\n{}early`,
  );
  await client.until('\r\n\r\n');
  while (session.received() === '') await new Promise((resolve) => setTimeout(resolve, 5));
  session.finish();
  assert.equal(session.received(), 'early');
  await client.closed();
});

test('a body of attach, as docker-modem sends its options, is no input', async (t) => {
  const session = fakeSession();
  const client = rawClient(await serve(t, [attach(session)]));
  client.send(
    `POST /attach HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n${upgrade}Content-Length: 7\r\n\r\n{"a":1}typed`,
  );
  await client.until('\r\n\r\n');
  while (session.received() === '') await new Promise((resolve) => setTimeout(resolve, 5));
  session.finish();
  await client.closed();
  assert.equal(session.received(), 'typed');
});

test('half-close ends the input and leaves the output', async (t) => {
  const session = fakeSession();
  const client = rawClient(await serve(t, [attach(session)]));
  client.send(`POST /attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\nlast words`);
  client.end();
  while (!session.state().inputEnded) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(session.received(), 'last words');
  await session.say('stdout', 'still here');
  session.finish();
  await client.closed();
  assert.equal(framesOf(client.bytes()).stdout, 'still here');
});

test('a client that does not read stops the program, and costs no memory', async (t) => {
  const session = fakeSession();
  const client = rawClient(await serve(t, [attach(session)]));
  client.send(`POST /attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`);
  await client.until('\r\n\r\n');
  client.pause();
  const piece = new Uint8Array(256 * 1024);
  let taken = 0;
  const program = (async () => {
    for (let count = 0; count < 64; count += 1) {
      await session.say('stdout', piece);
      taken += 1;
    }
    session.finish();
  })();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const takenWhilePaused = taken;
  assert.ok(takenWhilePaused < 16, `${String(takenWhilePaused)} pieces were taken from the program`);
  client.resume();
  await program;
  await client.closed();
  assert.equal(framesOf(client.bytes()).stdout.length, 64 * piece.length);
});

test('a client that vanishes is detached, and the server goes on', async (t) => {
  const session = fakeSession();
  const path = await serve(t, [attach(session)]);
  const client = rawClient(path);
  client.send(`POST /attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`);
  await client.until('\r\n\r\n');
  client.destroy();
  for (let count = 0; count < 50 && !session.state().detached; count += 1) {
    void session.say('stdout', 'anyone?');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(session.state().detached, true);
  const next = rawClient(path);
  next.send('GET /none HTTP/1.1\r\nHost: d\r\n\r\n');
  await next.until('page not found');
  next.destroy();
});

for (const [way, head] of [
  ['that upgraded', `POST /attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`],
  ['of the old way', 'POST /attach HTTP/1.1\r\nHost: d\r\n\r\n'],
] as const)
  test(`a client ${way} and vanishes while the program is silent is detached`, async (t) => {
    const session = fakeSession();
    const client = rawClient(await serve(t, [attach(session)]));
    client.send(head);
    await client.until('\r\n\r\n');
    client.destroy();
    await until(() => session.state().detached);
  });

test('a client that half-closed stays attached, and is detached when it vanishes later', async (t) => {
  const session = fakeSession();
  const client = rawClient(await serve(t, [attach(session)]));
  client.send(`POST /attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`);
  client.end();
  await until(() => session.state().inputEnded);
  await sleep(100);
  assert.equal(session.state().detached, false);
  client.destroy();
  await until(() => session.state().detached);
});

test('the detach keys detach, and what is typed before them arrives', async (t) => {
  const session = fakeSession(true);
  const client = rawClient(await serve(t, [attach(session)]));
  client.send(`POST /attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`);
  await client.until('\r\n\r\n');
  client.send(Buffer.from('a\u0010b\u0010\u0011c', 'latin1'));
  await client.closed();
  assert.equal(session.received(), 'a\u0010b');
  assert.equal(session.state().detached, true);
});

test('a failure before the hijack is an ordinary answer, with Upgrade too', async (t) => {
  const route: Route = {
    ...attach(fakeSession()),
    handle: () => {
      throw new WindowboxError('not-found', 'No such container: x');
    },
  };
  const client = rawClient(await serve(t, [route]));
  client.send(`POST /attach HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`);
  const all = await client.closed();
  assert.match(all, /^HTTP\/1\.1 404 Not Found\r\n/u);
  assert.match(all, /\{"message":"No such container: x","code":"not-found"\}/u);
});

test('Upgrade means nothing to a route that does not hijack', async (t) => {
  const route: Route = {
    method: 'POST',
    path: '/plain',
    summary: '',
    state,
    handle: async (request) => json(await readJsonValue(request)),
  };
  const client = rawClient(await serve(t, [route]));
  client.send(
    'POST /plain HTTP/1.1\r\nHost: d\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}',
  );
  assert.match(await client.until('{"a":1}'), /^HTTP\/1\.1 200 OK/u);
  client.send('POST /plain HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"b":2}');
  await client.until('{"b":2}');
  client.destroy();
});

test('attach/ws carries the streams in binary messages, unframed', async (t) => {
  const session = fakeSession();
  const route: Route = {
    method: 'GET',
    path: '/ws',
    hijack: 'websocket',
    summary: '',
    state,
    handle: (request) => attachReply(session, { version: request.version, detachKeys: undefined, framed: false }),
  };
  const path = await serve(t, [route]);
  const socket = new WebSocket(`ws+unix://${path}:/v1.44/ws`);
  const messages: string[] = [];
  socket.on('message', (data: Buffer, binary: boolean) => messages.push(`${String(binary)}:${data.toString()}`));
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(Buffer.from('typed'));
  await session.say('stdout', 'out');
  while (session.received() === '') await new Promise((resolve) => setTimeout(resolve, 5));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  session.finish();
  await closed;
  assert.deepEqual(messages, ['true:out']);
  assert.equal(session.received(), 'typed');
});

async function until(isSo: () => boolean): Promise<void> {
  for (let count = 0; count < 500 && !isSo(); count += 1) await sleep(10);
  assert.ok(isSo(), 'it did not come');
}
