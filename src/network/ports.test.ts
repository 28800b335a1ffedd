import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createPortHolder, type PortHolder } from './ports.js';
import type { PortRequest, PublishedPort } from './types.js';

function holder(t: TestContext): PortHolder {
  const ports = createPortHolder();
  t.after(() => ports.close());
  return ports;
}

/** Ports that nobody else uses on this address; each test has an address of its own. */
function request(about: Partial<PortRequest>): PortRequest {
  return { protocol: 'tcp', containerPort: 80, hostIp: '127.61.0.1', from: 20_080, to: 20_080, ...about };
}

async function take(
  ports: PortHolder,
  wanted: PortRequest,
  hostIps = [wanted.hostIp || '0.0.0.0'],
): Promise<PublishedPort> {
  const [port] = await ports.take(wanted, hostIps);
  assert.ok(port !== undefined);
  return port;
}

const conflicts: readonly {
  readonly rule: string;
  readonly first: Partial<PortRequest>;
  readonly second: Partial<PortRequest>;
  readonly error?: RegExp;
}[] = [
  {
    rule: 'the same port of the same address',
    first: {},
    second: {},
    error: /^Bind for 127\.61\.0\.1:20080 failed: port is already allocated$/u,
  },
  {
    rule: 'every address, when one has it',
    first: {},
    second: { hostIp: '' },
    error: /^Bind for 0\.0\.0\.0:20080 failed: port is already allocated$/u,
  },
  { rule: 'one address, when every one has it', first: { hostIp: '' }, second: {}, error: /already allocated/u },
  { rule: 'another address', first: {}, second: { hostIp: '127.61.0.2' } },
  { rule: 'another protocol', first: {}, second: { protocol: 'udp' } },
  { rule: 'another port', first: {}, second: { from: 20_081, to: 20_081 } },
  { rule: 'a range with a free one', first: {}, second: { from: 20_080, to: 20_082 } },
];

for (const { rule, first, second, error } of conflicts)
  test(`${error === undefined ? 'can' : 'cannot'} be had besides: ${rule}`, async (t) => {
    const ports = holder(t);
    await take(ports, request(first));
    const again = take(ports, request(second));
    await (error === undefined ? again : assert.rejects(again, { code: 'conflict', message: error }));
  });

test('of a range, the first free port is given', async (t) => {
  const ports = holder(t);
  const given = [];
  for (let count = 0; count < 3; count += 1) given.push((await take(ports, request({ to: 20_082 }))).hostPort);
  assert.deepEqual(given, [20_080, 20_081, 20_082]);
  await assert.rejects(take(ports, request({ to: 20_082 })), { message: 'all ports are allocated' });
});

test('two requests at once never get one port', async (t) => {
  const ports = holder(t);
  const results = await Promise.allSettled([take(ports, request({})), take(ports, request({}))]);
  assert.deepEqual(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('a port that is given back can be had at once', async (t) => {
  const ports = holder(t);
  for (const protocol of ['tcp', 'udp'] as const)
    for (let count = 0; count < 20; count += 1) ports.give(await take(ports, request({ protocol })));
});

test('without a number an ephemeral port of the kernel is given, each time another', async (t) => {
  const ports = holder(t);
  const given = new Set<number>();
  for (let count = 0; count < 10; count += 1) given.add((await take(ports, request({ from: 0, to: 0 }))).hostPort);
  assert.equal(given.size, 10);
  for (const port of given) assert.ok(port >= 32_768 && port <= 60_999, String(port));
});

test("a port of the host's own programs is refused with the kernel's reason", async (t) => {
  const ports = holder(t);
  const tcp = createServer().listen(0, '127.61.0.1');
  const udp = createSocket('udp4').bind(0, '127.61.0.1');
  t.after(() => {
    tcp.close();
    udp.close();
  });
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  const address = tcp.address();
  assert.ok(typeof address === 'object' && address !== null);
  for (const [protocol, port] of [
    ['tcp', address.port],
    ['udp', udp.address().port],
  ] as const)
    await assert.rejects(take(ports, request({ protocol, from: port, to: port })), {
      message: `failed to bind host port 127.61.0.1:${String(port)}/${protocol}: address already in use`,
    });
});

test('an address that the host does not have is refused', async (t) => {
  const expected = { message: /^failed to bind host port 192\.0\.2\.1:\d+\/tcp: cannot assign requested address$/u };
  await assert.rejects(take(holder(t), request({ hostIp: '192.0.2.1' })), expected);
  await assert.rejects(take(holder(t), request({ hostIp: '192.0.2.1', from: 0, to: 0 })), expected);
});

test('a port that is held is closed to the programs of the host', async (t) => {
  const { hostPort } = await take(holder(t), request({}));
  const server = createServer().listen(hostPort, '127.61.0.1');
  const [error] = await once(server, 'error');
  assert.equal(error.code, 'EADDRINUSE');
});

test('a new daemon takes again what a running container has, even when it cannot hold it', async (t) => {
  const ports = holder(t);
  const port = { protocol: 'tcp', containerPort: 80, hostIp: '192.0.2.1', hostPort: 20_080 } as const;
  await ports.retake(port);
  await assert.rejects(take(ports, request({ hostIp: '192.0.2.1' })), /already allocated/u);
});

test('the same port of IPv4 and of IPv6, or of neither', async (t) => {
  const ports = holder(t);
  const both = ['127.61.0.1', '::1'];
  const given = await ports.take(request({ from: 0, to: 0 }), both);
  assert.deepEqual(
    given.map(({ hostIp }) => hostIp),
    both,
  );
  assert.equal(new Set(given.map(({ hostPort }) => hostPort)).size, 1);
  await take(ports, request({ hostIp: '::1', from: 20_090, to: 20_090 }));
  await assert.rejects(take(ports, request({ from: 20_090, to: 20_090 }), both), {
    message: 'Bind for [::1]:20090 failed: port is already allocated',
  });
  await take(ports, request({ from: 20_090, to: 20_090 }));
});
