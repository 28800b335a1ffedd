import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { decode, encode, type Packet, streamEncode } from 'dns-packet';
import { createResolver, type Resolver } from './resolver.js';

/** Ours, the host's name server, and one that never answers: on addresses of the loopback interface that nobody else has. */
const gateway = '127.62.0.1';
const upstream = '127.62.0.2';
const silent = '127.62.0.3';
const asker = '127.62.0.10';
const starved = '127.62.0.11';

let resolver: Resolver;
let udp: Socket;
let tcp: Server;

before(async () => {
  resolver = createResolver({
    lookUp: (from, name) => (from === asker && name === 'web' ? ['10.0.0.2', '10.0.0.3'] : undefined),
    lookUpAddress: (_from, address) => (address === '10.0.0.2' ? 'web.front' : undefined),
    serversOf: (from) => (from === starved ? [silent] : [upstream]),
  });
  udp = createSocket('udp4').bind(53, upstream);
  udp.on('message', (message, from) => {
    const query = decode(message);
    const isLong = query.questions?.[0]?.name === 'long.example';
    udp.send(isLong ? cutAnswer(query) : fullAnswer(query, '192.0.2.7'), from.port, from.address);
  });
  tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      const query = decode(data.subarray(2));
      socket.end(streamEncode(decode(fullAnswer(query, '192.0.2.8'))));
    });
  }).listen(53, upstream);
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening'), resolver.listen(gateway)]);
});

after(() => {
  resolver.close();
  udp.close();
  tcp.close();
});

function fullAnswer(query: Packet, data: string): Buffer {
  const [question] = query.questions ?? [];
  const name = question?.name ?? '';
  return encode({
    type: 'response',
    id: query.id ?? 0,
    questions: query.questions ?? [],
    answers: [{ type: 'A', name, data }],
  });
}

function cutAnswer(query: Packet): Buffer {
  return encode({ type: 'response', id: query.id ?? 0, flags: 1 << 9, questions: query.questions ?? [] });
}

async function send(bytes: Buffer, from = asker, waitMs = 5000): Promise<Buffer | undefined> {
  const socket = createSocket('udp4').bind(0, from);
  await once(socket, 'listening');
  try {
    socket.send(bytes, 53, gateway);
    const [message] = await once(socket, 'message', { signal: AbortSignal.timeout(waitMs) }).catch(() => [undefined]);
    return message;
  } finally {
    socket.close();
  }
}

type Kind = 'A' | 'AAAA' | 'PTR';

async function ask(
  name: string,
  type: Kind = 'A',
  from = asker,
): Promise<{ readonly code: unknown; readonly answers: readonly unknown[] }> {
  const answer = await send(encode({ type: 'query', id: 7, flags: 1 << 8, questions: [{ type, name }] }), from);
  assert.ok(answer !== undefined, 'no answer');
  return codeAndAnswers(answer);
}

function codeAndAnswers(answer: Buffer): { readonly code: unknown; readonly answers: readonly unknown[] } {
  const packet = decode(answer);
  assert.equal(packet.id, 7);
  const answers = (packet.answers ?? []).map((record) => ('data' in record ? record.data : undefined));
  return { code: 'rcode' in packet ? packet.rcode : undefined, answers };
}

const rows: readonly {
  readonly rule: string;
  readonly name: string;
  readonly type?: Kind;
  readonly from?: string;
  readonly answers: readonly string[];
}[] = [
  { rule: 'a name of ours has its addresses', name: 'web', answers: ['10.0.0.2', '10.0.0.3'] },
  { rule: 'capital letters are the same', name: 'WEB', answers: ['10.0.0.2', '10.0.0.3'] },
  {
    rule: 'a name of ours without IPv6 has no such address, and nobody else is asked',
    name: 'web',
    type: 'AAAA',
    answers: [],
  },
  { rule: 'an address of ours has its name', name: '2.0.0.10.in-addr.arpa', type: 'PTR', answers: ['web.front'] },
  { rule: "another's question is answered by its own view", name: 'web', from: '127.62.0.12', answers: ['192.0.2.7'] },
  { rule: 'everything else is asked of the server of the host', name: 'example.com', answers: ['192.0.2.7'] },
  { rule: 'a cut answer comes cut over UDP, for the asker to come again', name: 'long.example', answers: [] },
];

for (const { rule, name, type, from, answers } of rows)
  test(rule, async () => assert.deepEqual((await ask(name, type, from)).answers, answers));

test('over TCP an answer that was cut over UDP is whole', async () => {
  const socket = connect({ port: 53, host: gateway, localAddress: asker });
  socket.write(streamEncode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'long.example' }] }));
  const [data] = await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
  socket.destroy();
  assert.deepEqual(codeAndAnswers(data.subarray(2)).answers, ['192.0.2.8']);
});

test('without an answer from any server, the asker is told, and others are not held up', async () => {
  const begin = Date.now();
  const waiting = ask('nobody.example', 'A', starved);
  assert.deepEqual((await ask('web')).answers, ['10.0.0.2', '10.0.0.3']);
  assert.ok(Date.now() - begin < 1500);
  assert.equal((await waiting).code, 'SERVFAIL');
});

test('one asker with many questions under way does not starve another', async () => {
  const socket = createSocket('udp4').bind(0, starved);
  await once(socket, 'listening');
  let refused = 0;
  socket.on('message', (message) => {
    if (codeAndAnswers(message).code === 'SERVFAIL') refused += 1;
  });
  const question = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'flood.example' }] });
  for (let count = 0; count < 200; count += 1) socket.send(question, 53, gateway);
  assert.deepEqual((await ask('example.com')).answers, ['192.0.2.7']);
  socket.close();
  assert.ok(refused > 0, 'what is too much is refused at once');
});

const header = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'a' }] });
const hostile: readonly { readonly name: string; readonly bytes: Buffer }[] = [
  { name: 'nothing', bytes: Buffer.alloc(0) },
  { name: 'one byte', bytes: Buffer.from([1]) },
  { name: 'a header alone', bytes: header.subarray(0, 12) },
  {
    name: 'a name that points at itself',
    bytes: Buffer.concat([header.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]),
  },
  { name: 'a label longer than the packet', bytes: Buffer.concat([header.subarray(0, 12), Buffer.from([63, 97])]) },
  {
    name: 'an answer instead of a question',
    bytes: encode({ type: 'response', id: 7, questions: [{ type: 'A', name: 'web' }] }),
  },
  {
    name: 'many questions that are not there',
    bytes: Buffer.concat([header.subarray(0, 4), Buffer.from([255, 255]), header.subarray(6)]),
  },
  { name: 'random bytes', bytes: randomBytes(512) },
];

for (const { name, bytes } of hostile)
  test(`lives on after ${name}, over UDP and TCP`, async () => {
    await send(bytes, asker, 50);
    const socket = connect({ port: 53, host: gateway, localAddress: asker });
    socket.on('error', () => undefined);
    const length = Buffer.from([bytes.length >> 8, bytes.length & 255]);
    socket.end(Buffer.concat([length, bytes]));
    await once(socket.resume(), 'close', { signal: AbortSignal.timeout(12_000) });
    assert.deepEqual((await ask('web')).answers, ['10.0.0.2', '10.0.0.3']);
  });

test('of thousands of damaged questions nothing stays, and the next good one is answered', async () => {
  const socket = createSocket('udp4').bind(0, asker);
  await once(socket, 'listening');
  const before = process.memoryUsage().rss;
  for (let count = 0; count < 5000; count += 1) {
    const bytes = Buffer.concat([header, randomBytes(count % 64)]);
    for (let flips = 0; flips <= count % 5; flips += 1)
      bytes.writeUInt8(randomBytes(1).readUInt8(), randomBytes(2).readUInt16BE() % bytes.length);
    socket.send(bytes, 53, gateway);
    if (count % 100 === 0) await new Promise(setImmediate);
  }
  socket.close();
  // As every resolver asks: again, when the kernel has dropped a question behind so many.
  const question = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'web' }] });
  let answer: Buffer | undefined;
  for (let tries = 0; tries < 10 && answer === undefined; tries += 1) answer = await send(question, asker, 1000);
  assert.deepEqual(answer && codeAndAnswers(answer).answers, ['10.0.0.2', '10.0.0.3']);
  assert.ok(process.memoryUsage().rss - before < 64 << 20);
});

test('a port 53 that is taken is told with what to do', async (t) => {
  const other = createResolver({ lookUp: () => undefined, lookUpAddress: () => undefined, serversOf: () => [] });
  t.after(() => other.close());
  await assert.rejects(other.listen(upstream), { code: 'conflict', message: /port 53 of the host is in use/u });
});

test('an address that is let go can be had again', async () => {
  await resolver.listen('127.62.0.5');
  resolver.unlisten('127.62.0.5');
  await resolver.listen('127.62.0.5');
  resolver.unlisten('127.62.0.5');
});
