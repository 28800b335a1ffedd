import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bridgeMark,
  type Database,
  type HeldProgram,
  holdProgram,
  networkOwner,
  openDatabase,
  runCommand,
  tryCommand,
} from '../platform/index.js';
import type { Connection } from './connect.js';
import { ensureJumps, loadFirewall, removeFirewall } from './firewall.js';
import { bridgesOf, createNamespace, deleteNamespace, removeBridge } from './links.js';
import { makeNetworkManager, type NetworkManager } from './make-network-manager.js';
import { networkMigrations } from './network-store.js';
import type { EndpointRequest, PortRequest } from './types.js';

/** On real bridges, namespaces and rules, with a chain and a folder of our own. The containers are namespaces with a server in them. */
const chain = `WB-T${randomBytes(3).toString('hex')}`;
let folder: string;
let database: Database;
let manager: NetworkManager;
let web: Connection;
let client: Connection;
let stranger: Connection;
let locked: Connection;
const servers: HeldProgram[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windowbox-network-'));
  database = openDatabase(join(folder, 'network.db'), networkMigrations);
  manager = await open();
  for (const name of ['front', 'back', 'inside']) await manager.create({ ...wish, name, internal: name === 'inside' });
  web = await start('web', {
    endpoints: [to('front', { aliases: ['site'] })],
    ports: [
      { protocol: 'tcp', containerPort: 80, hostIp: '', from: 28_180, to: 28_180 },
      { protocol: 'tcp', containerPort: 80, hostIp: '127.0.0.1', from: 28_181, to: 28_181 },
      { protocol: 'udp', containerPort: 80, hostIp: '', from: 28_180, to: 28_180 },
    ],
  });
  client = await start('client', { endpoints: [to('front')] });
  stranger = await start('stranger', { endpoints: [to('back')] });
  locked = await start('locked', { endpoints: [to('inside')] });
  await serve(web.namespace);
});

after(async () => {
  for (const held of servers) await held.close();
  for (const id of new Set(manager.endpoints().map(({ containerId }) => containerId))) await manager.disconnect(id);
  await manager.close();
  for (const bridge of await bridgesOf(chain)) await removeBridge(bridge);
  await removeFirewall(chain);
  database.close();
  await rm(folder, { recursive: true, force: true });
});

const wish = {
  driver: '',
  subnet: '',
  gateway: '',
  range: '',
  internal: false,
  attachable: false,
  ipv6: false,
  subnet6: '',
  gateway6: '',
  labels: {},
  options: {},
};

async function open(): Promise<NetworkManager> {
  return makeNetworkManager({ database, chain, folder: join(folder, 'netns') });
}

function to(network: string, about: Partial<EndpointRequest> = {}): EndpointRequest {
  return { network, aliases: [], address: '', address6: '', macAddress: '', ...about };
}

async function start(
  name: string,
  about: { readonly endpoints: readonly EndpointRequest[]; readonly ports?: readonly PortRequest[] },
): Promise<Connection> {
  return manager.connect({ id: `id-of-${name}`, name, hostname: '', ports: [], dns: [], ...about });
}

/** A TCP server that says whom it sees, and a UDP one that says everything again. */
const server = `
  require('net').createServer((s) => { s.on('error', () => {}); s.end('seen ' + s.remoteAddress); }).listen(80, '0.0.0.0');
  const u = require('dgram').createSocket('udp4').bind(80, '0.0.0.0', () => console.log('up'));
  u.on('message', (m, from) => u.send(m, from.port, from.address));
`;

async function serve(namespace: string): Promise<void> {
  const args = [`--net=${namespace}`, process.execPath, '-e', server];
  servers.push(await holdProgram('nsenter', args, { timeoutMs: 10_000 }));
}

const caller = `
  const [host, port] = process.argv.slice(1);
  const s = require('net').connect({ host, port });
  setTimeout(() => { console.log('timeout'); process.exit(); }, 1200);
  s.on('data', (d) => { console.log(String(d)); process.exit(); });
  s.on('error', (e) => { console.log(e.code); process.exit(); });
`;

/** What a program in a namespace (or on the host) sees when it connects: the answer, or why there is none. */
async function call(from: string | undefined, host: string, port: number): Promise<string> {
  const node = [process.execPath, '-e', caller, '--', host, String(port)];
  const args = from === undefined ? node : ['nsenter', `--net=${from}`, ...node];
  return (await runCommand('env', args, { timeoutMs: 15_000 })).stdout.trim();
}

const resolve = `
  const r = new (require('dns').promises.Resolver)({ timeout: 1500, tries: 1 });
  r.setServers([process.argv[1]]);
  r.resolve4(process.argv[2]).then((a) => console.log(a.sort().join()), (e) => console.log(e.code));
`;

async function lookUp(from: Connection, name: string): Promise<string> {
  const gateway = from.endpoints[0]?.network.gateway ?? '';
  const args = [`--net=${from.namespace}`, process.execPath, '-e', resolve, '--', gateway, name];
  return (await runCommand('nsenter', args, { timeoutMs: 15_000 })).stdout.trim();
}

function addressOf(connection: Connection): string {
  return connection.endpoints[0]?.endpoint.address ?? '';
}

function gatewayOf(connection: Connection): string {
  return connection.endpoints[0]?.network.gateway ?? '';
}

async function hostAddress(): Promise<string> {
  const { stdout } = await runCommand('ip', ['-4', '-o', 'addr', 'show', 'scope', 'global'], { timeoutMs: 5000 });
  const line = stdout.split('\n').find((text) => !/ (?:wb|docker|br-)/u.test(text));
  return /inet ([\d.]+)/u.exec(line ?? '')?.[1] ?? '127.0.0.1';
}

test('a container reaches its neighbour by address', async () => {
  assert.equal(await call(client.namespace, addressOf(web), 80), `seen ${addressOf(client)}`);
});

test('names, aliases and the name with its network are found, in the same network only', async () => {
  for (const name of ['web', 'site', 'WEB', 'web.front'])
    assert.equal(await lookUp(client, name), addressOf(web), name);
  assert.notEqual(await lookUp(stranger, 'web'), addressOf(web));
  assert.equal(await lookUp(client, 'host.docker.internal'), gatewayOf(client));
});

test('a renamed container is found by its new name', async () => {
  manager.rename('id-of-web', 'shop');
  assert.equal(await lookUp(client, 'shop'), addressOf(web));
  manager.rename('id-of-web', 'web');
  assert.equal(await lookUp(client, 'web'), addressOf(web));
});

test('a published port answers on the loopback and on an address of the host', async () => {
  assert.equal(await call(undefined, '127.0.0.1', 28_180), `seen ${gatewayOf(web)}`);
  assert.match(await call(undefined, await hostAddress(), 28_180), /^seen /u);
  assert.equal(await call(undefined, '127.0.0.1', 28_181), `seen ${gatewayOf(web)}`);
});

test('a port that is published on the loopback only does not answer elsewhere', async () => {
  assert.doesNotMatch(await call(undefined, await hostAddress(), 28_181), /^seen /u);
  assert.doesNotMatch(await call(stranger.namespace, gatewayOf(stranger), 28_181), /^seen /u);
});

test('a container of another network reaches a published port, over an address of the host', async () => {
  assert.match(await call(stranger.namespace, gatewayOf(stranger), 28_180), /^seen /u);
  assert.match(await call(client.namespace, gatewayOf(client), 28_180), /^seen /u);
  assert.match(await call(web.namespace, gatewayOf(web), 28_180), /^seen /u);
});

test('networks do not reach each other', async () => {
  assert.equal(await call(stranger.namespace, addressOf(web), 80), 'timeout');
  assert.notEqual(await call(locked.namespace, addressOf(web), 80), `seen ${addressOf(locked)}`);
});

test('an internal network has no way to the world, even when one is made by force', async () => {
  const routes = await runCommand('nsenter', [`--net=${locked.namespace}`, 'ip', 'route'], { timeoutMs: 5000 });
  assert.doesNotMatch(routes.stdout, /default/u);
  const add = ['ip', 'route', 'add', 'default', 'via', gatewayOf(locked)];
  await runCommand('nsenter', [`--net=${locked.namespace}`, ...add], { timeoutMs: 5000 });
  assert.equal(await call(locked.namespace, addressOf(web), 80), 'timeout');
});

test("the host's other ports are out of reach, over every address of it, IPv6 included", async (t) => {
  const own = createServer((socket) => socket.end('seen by the host')).listen(28_190, '::');
  await once(own, 'listening');
  t.after(() => own.close());
  assert.equal(await call(undefined, '127.0.0.1', 28_190), 'seen by the host');
  for (const address of [gatewayOf(client), gatewayOf(stranger), await hostAddress()])
    assert.equal(await call(client.namespace, address, 28_190), 'timeout', address);
  const bridge = web.endpoints[0]?.network.bridge ?? '';
  const { stdout } = await runCommand('ip', ['-6', 'addr', 'show', 'dev', bridge], { timeoutMs: 5000 });
  assert.equal(stdout.trim(), '');
});

test('a network may open a port of the host to its containers, and no other port, network or address', async (t) => {
  const own = [28_192, 28_193].map((port) =>
    createServer((socket) => socket.end('seen by the host')).listen(port, '0.0.0.0'),
  );
  await Promise.all(own.map(async (server) => once(server, 'listening')));
  await manager.create({ ...wish, name: 'open', options: { 'windowbox.host-ports': '28192' } });
  const open = await start('opened', { endpoints: [to('open')] });
  t.after(async () => {
    for (const server of own) server.close();
    await manager.disconnect('id-of-opened');
    await manager.remove('open');
  });
  assert.equal(await call(open.namespace, gatewayOf(open), 28_192), 'seen by the host');
  assert.equal(await call(open.namespace, gatewayOf(open), 28_193), 'timeout');
  assert.equal(await call(client.namespace, gatewayOf(client), 28_192), 'timeout');
  assert.equal(await call(open.namespace, gatewayOf(client), 28_192), 'timeout');
});

test('link-local services are out of reach', async (t) => {
  const args = ['addr', 'add', '169.254.77.1/32', 'dev', 'lo'];
  await runCommand('ip', args, { timeoutMs: 5000 });
  const own = createServer((socket) => socket.end('secret')).listen(28_191, '169.254.77.1');
  t.after(async () => {
    own.close();
    await tryCommand('ip', args.with(1, 'del'), { timeoutMs: 5000 });
  });
  assert.equal(await call(undefined, '169.254.77.1', 28_191), 'secret');
  assert.equal(await call(client.namespace, '169.254.77.1', 28_191), 'timeout');
});

test('a forged sender is dropped', async () => {
  const inside = [`--net=${stranger.namespace}`, 'ip'];
  await runCommand('nsenter', [...inside, 'addr', 'add', '192.0.2.77/32', 'dev', 'eth0'], { timeoutMs: 5000 });
  const route = ['route', 'replace', 'default', 'via', gatewayOf(stranger), 'dev', 'eth0', 'src', '192.0.2.77'];
  await runCommand('nsenter', [...inside, ...route], { timeoutMs: 5000 });
  assert.equal(await call(stranger.namespace, await hostAddress(), 28_180), 'timeout');
  await runCommand('nsenter', [...inside, ...route.slice(0, -2)], { timeoutMs: 5000 });
});

test('UDP is published, and answered from the port that was called', async () => {
  const script = `
    const u = require('dgram').createSocket('udp4');
    u.on('message', (m, f) => { console.log(String(m), f.port); u.close(); }).send('hello', 28180, '127.0.0.1');
    setTimeout(() => process.exit(), 3000).unref();`;
  const { stdout } = await runCommand(process.execPath, ['-e', script], { timeoutMs: 10_000 });
  assert.equal(stdout.trim(), 'hello 28180');
});

/** Sends to the same port again and again, from one port of its own, as a program that stays does; says whenever another answers. */
const stayer = `
  const u = require('dgram').createSocket('udp4').bind(0, '127.0.0.1', () => console.log('up'));
  let last = '';
  u.on('message', (m) => { if (String(m) !== last) console.log(last = String(m)); });
  setInterval(() => u.send('who', 28185, '127.0.0.1'), 50);
`;
const namer = `
  const u = require('dgram').createSocket('udp4').bind(80, '0.0.0.0', () => console.log('up'));
  u.on('message', (m, from) => u.send(process.argv[1], from.port, from.address));
`;

test('a UDP sender that goes on sending reaches the container that has the port now, not the address of an earlier one', async (t) => {
  const end = new AbortController();
  let said = '';
  const onOutput = (text: string): void => {
    said += text;
  };
  const sending = tryCommand(process.execPath, ['-e', stayer], { timeoutMs: 60_000, signal: end.signal, onOutput });
  t.after(async () => {
    end.abort();
    await sending.catch(() => undefined);
  });
  const ports = [{ protocol: 'udp', containerPort: 80, hostIp: '', from: 28_185, to: 28_185 }] as const;
  for (const name of ['early', 'later']) {
    const address = addressOf(client).replace(/\d+$/u, name === 'early' ? '210' : '211');
    const { namespace } = await start(name, { endpoints: [to('front', { address })], ports });
    const program = [`--net=${namespace}`, process.execPath, '-e', namer, '--', name];
    const held = await holdProgram('nsenter', program, { timeoutMs: 10_000 });
    for (let waited = 0; waited < 5000 && !said.includes(name); waited += 100) await sleep(100);
    await held.close();
    await manager.disconnect(`id-of-${name}`);
  }
  assert.equal(said, 'up\nearly\nlater\n');
});

test('a second container cannot have the port, and leaves nothing behind', async () => {
  const before = await inventory();
  const ports = [{ protocol: 'tcp', containerPort: 80, hostIp: '', from: 28_180, to: 28_180 }] as const;
  await assert.rejects(start('late', { endpoints: [to('front')], ports }), {
    message: 'Bind for 0.0.0.0:28180 failed: port is already allocated',
  });
  assert.deepEqual(await inventory(), before);
});

test('a fixed address is given, once, and only one of the subnet', async () => {
  const wanted = addressOf(client).replace(/\d+$/u, '200');
  assert.equal(addressOf(await start('fixed', { endpoints: [to('front', { address: wanted })] })), wanted);
  const before = await inventory();
  await assert.rejects(start('second', { endpoints: [to('front', { address: wanted })] }), /Address already in use/u);
  await assert.rejects(start('third', { endpoints: [to('front', { address: '1.2.3.4' })] }), /no configured subnet/u);
  await assert.rejects(
    start('fourth', { endpoints: [to('front', { macAddress: 'aa\nlink del lo' })] }),
    /invalid MAC/u,
  );
  assert.deepEqual(await inventory(), before);
  await manager.disconnect('id-of-fixed');
});

test('a running container joins a network, is found there, and leaves it', async () => {
  const request = { id: 'id-of-stranger', name: 'stranger', hostname: '', dns: [] };
  const { endpoint } = await manager.join(request, to('front', { aliases: ['guest'] }));
  assert.equal(await lookUp(client, 'guest'), endpoint.address);
  assert.equal(await call(stranger.namespace, addressOf(web), 80), `seen ${endpoint.address}`);
  await assert.rejects(manager.join(request, to('front')), /already exists in network front/u);
  const seen = (): unknown => manager.current('id-of-stranger')?.endpoints.map(({ network }) => network.name);
  assert.deepEqual(seen(), ['back', 'front']);
  await manager.leave('id-of-stranger', 'front');
  assert.deepEqual(seen(), ['back']);
  assert.equal(manager.current('id-of-nobody'), undefined);
  assert.equal(await call(stranger.namespace, addressOf(web), 80), 'timeout');
  await assert.rejects(manager.leave('id-of-stranger', 'front'), /is not connected to network front/u);
});

test('the way to the world goes over to another network when its own is left', async () => {
  const both = await start('both', { endpoints: [to('front'), to('back')] });
  await manager.leave('id-of-both', 'front');
  const { stdout } = await runCommand('nsenter', [`--net=${both.namespace}`, 'ip', 'route'], { timeoutMs: 5000 });
  assert.match(stdout, new RegExp(`default via ${gatewayOf(stranger).replaceAll('.', '\\.')} dev eth1`, 'u'));
  await manager.disconnect('id-of-both');
});

test('a network with containers in it stays', async () => {
  await assert.rejects(manager.remove('front'), {
    code: 'permission-denied',
    message: /has active endpoints \(name:"web"/u,
  });
  await assert.rejects(manager.remove('nat'), /pre-defined network/u);
});

test('after the death of a daemon the next one goes on: addresses, names, ports; what nobody needs goes', async () => {
  const dead = manager;
  await start('lost', { endpoints: [to('back')] });
  manager = await open();
  const running = ['web', 'client', 'stranger', 'locked'].map((name) => `id-of-${name}`);
  // A dead daemon's sockets are closed by the kernel; this one lives on in our process.
  for (const method of ['networks', 'endpoints'] as const) assert.deepEqual(dead[method](), manager[method]());
  await freeSockets(dead, async () => manager.restore(new Set(running)));
  assert.equal(await lookUp(client, 'web'), addressOf(web));
  assert.equal(await call(undefined, '127.0.0.1', 28_180), `seen ${gatewayOf(web)}`);
  assert.deepEqual(
    manager
      .endpoints()
      .map(({ containerId }) => containerId)
      .toSorted(),
    running.toSorted(),
  );
  const { namespaces } = await inventory();
  assert.ok(namespaces <= running.length + 1, `${String(namespaces)} namespaces`);
});

test('a sweep removes bridges and namespaces that no container uses, and those alone', async () => {
  const used = await bridgesOf(chain);
  const namespace = join(folder, 'netns', 'left-behind');
  await createNamespace(namespace);
  const left = `wb-left-${chain.slice(-6)}`;
  await runCommand('ip', ['link', 'add', left, 'type', 'bridge'], { timeoutMs: 5000 });
  await runCommand('ip', ['link', 'set', 'dev', left, 'alias', `windowbox:${chain}`], { timeoutMs: 5000 });
  await manager.sweep();
  assert.deepEqual(await bridgesOf(chain), used);
  assert.equal(existsSync(namespace), false);
  assert.match(await call(undefined, '127.0.0.1', 28_180), /^seen/u);
});

test('a namespace that was lent outlives a sweep, becomes a container’s, and goes when it is given back unused', async () => {
  const [one, other] = [await manager.namespaces.lend(), await manager.namespaces.lend()];
  await manager.sweep();
  assert.deepEqual([existsSync(one), existsSync(other)], [true, true]);
  const borrower = { id: 'id-of-borrower', name: 'borrower', hostname: '', ports: [], dns: [] };
  const connected = await manager.connect({ ...borrower, endpoints: [to('front')] }, one);
  assert.equal(connected.namespace, one);
  assert.match(await call(one, web.endpoints[0]?.endpoint.address ?? '', 80), /^seen/u);
  for (const path of [one, other]) await manager.namespaces.giveBack(path);
  assert.deepEqual([existsSync(one), existsSync(other)], [true, false]);
  await manager.disconnect('id-of-borrower');
  assert.equal(existsSync(one), false);
});

test('a sweep removes bridges and rules of another home whose daemon is gone', async () => {
  const owner = networkOwner(join(folder, 'another home'));
  const bridge = `wb-gone-${chain.slice(-6)}`;
  await runCommand('ip', ['link', 'add', bridge, 'type', 'bridge'], { timeoutMs: 5000 });
  await runCommand('ip', ['link', 'set', 'dev', bridge, 'alias', bridgeMark(owner)], { timeoutMs: 5000 });
  await loadFirewall({ chain: owner, networks: [], endpoints: [] });
  await ensureJumps(owner, 4);
  await manager.sweep();
  assert.deepEqual(await bridgesOf(owner), []);
  assert.doesNotMatch((await runCommand('iptables-save', [], { timeoutMs: 10_000 })).stdout, new RegExp(owner, 'u'));
});

test('rules that somebody took away are back with the next daemon', async () => {
  await removeFirewall(chain);
  assert.doesNotMatch(await call(undefined, '127.0.0.1', 28_180), /^seen/u);
  const dead = manager;
  manager = await open();
  await freeSockets(dead, async () =>
    manager.restore(new Set(manager.endpoints().map(({ containerId }) => containerId))),
  );
  assert.match(await call(undefined, '127.0.0.1', 28_180), /^seen/u);
});

test('after a reboot the kernel has nothing of what the state tells of: it is forgotten, and a start makes it anew', async () => {
  const before = addressOf(web);
  for (const held of servers.splice(0)) await held.close();
  await manager.close();
  for (const bridge of await bridgesOf(chain)) await removeBridge(bridge);
  for (const name of await readdir(join(folder, 'netns'))) await deleteNamespace(join(folder, 'netns', name));
  await removeFirewall(chain);
  manager = await open();
  await manager.restore(new Set());
  assert.deepEqual(manager.endpoints(), []);
  const ports = [{ protocol: 'tcp', containerPort: 80, hostIp: '', from: 28_180, to: 28_180 }] as const;
  web = await start('web', { endpoints: [to('front', { address: before })], ports });
  await serve(web.namespace);
  assert.equal(await call(undefined, '127.0.0.1', 28_180), `seen ${gatewayOf(web)}`);
});

test('when the last container has gone, nothing is left: no link, no namespace, no rule, and the port is free', async () => {
  for (const held of servers) await held.close();
  for (const id of new Set(manager.endpoints().map(({ containerId }) => containerId))) await manager.disconnect(id);
  await manager.remove('front');
  await manager.remove('back');
  await manager.remove('inside');
  await manager.close();
  assert.deepEqual(await inventory(), { links: 0, namespaces: 0, rules: 0 });
  const own = createServer().listen(28_180, '0.0.0.0');
  await once(own, 'listening');
  own.close();
});

/** What of ours is on the host. The spare namespace is made in the background: waited for. */
async function inventory(): Promise<{ readonly links: number; readonly namespaces: number; readonly rules: number }> {
  const bridges = await bridgesOf(chain);
  const { stdout } = await runCommand('ip', ['-o', 'link', 'show'], { timeoutMs: 5000 });
  const links = stdout.split('\n').filter((line) => bridges.some((bridge) => line.includes(bridge))).length;
  const saved = await runCommand('iptables-save', [], { timeoutMs: 10_000 });
  const rules = saved.stdout.split('\n').filter((line) => line.includes(chain)).length;
  const names = await readdir(join(folder, 'netns')).catch(() => []);
  return { links, namespaces: names.length, rules };
}

/** Lets go of a manager's sockets as its death would, and of nothing else. */
async function freeSockets(dead: NetworkManager, then: () => Promise<void>): Promise<void> {
  await dead.close();
  await then();
}
