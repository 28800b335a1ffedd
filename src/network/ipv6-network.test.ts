import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Database, type HeldProgram, holdProgram, openDatabase, runCommand } from '../platform/index.js';
import type { Connection } from './connect.js';
import { removeFirewall } from './firewall.js';
import { bridgesOf, removeBridge } from './links.js';
import { makeNetworkManager, type NetworkManager } from './make-network-manager.js';
import { networkMigrations } from './network-store.js';

/** Networks with IPv6 on real bridges, namespaces and rules. */
const chain = `WB-S${randomBytes(3).toString('hex')}`;
let folder: string;
let database: Database;
let manager: NetworkManager;
let server: HeldProgram;
let web: Connection;
let client: Connection;
let stranger: Connection;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windowbox-ipv6-'));
  database = openDatabase(join(folder, 'network.db'), networkMigrations);
  manager = await makeNetworkManager({ database, chain, folder: join(folder, 'netns') });
  await manager.create({ ...wish, name: 'front', subnet6: 'fd00:77:1::/64' });
  await manager.create({ ...wish, name: 'back' });
  web = await start('web', 'front', '');
  client = await start('client', 'front', 'fd00:77:1::c');
  stranger = await start('stranger', 'back', '');
  const program = `require('net').createServer((s) => s.on('error', () => {}).end('seen ' + s.remoteAddress)).listen(80, '::', () => console.log('up'))`;
  const args = [`--net=${web.namespace}`, process.execPath, '-e', program];
  server = await holdProgram('nsenter', args, { timeoutMs: 10_000 });
});

after(async () => {
  await server.close();
  for (const name of ['web', 'client', 'stranger']) await manager.disconnect(name);
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
  ipv6: true,
  subnet6: '',
  gateway6: '',
  labels: {},
  options: {},
};

async function start(name: string, network: string, address6: string): Promise<Connection> {
  const endpoints = [{ network, aliases: [], address: '', address6, macAddress: '' }];
  const ports =
    name === 'web' ? [{ protocol: 'tcp', containerPort: 80, hostIp: '', from: 28_380, to: 28_380 } as const] : [];
  return manager.connect({ id: name, name, hostname: '', ports, dns: [], endpoints });
}

const caller = `
  const s = require('net').connect({ host: process.argv[1], port: Number(process.argv[2]) });
  setTimeout(() => { console.log('timeout'); process.exit(); }, 1500);
  s.on('data', (d) => { console.log(String(d)); process.exit(); });
  s.on('error', (e) => { console.log(e.code); process.exit(); });
`;

async function call(from: Connection | undefined, host: string, port: number): Promise<string> {
  return runNode(from, [caller, '--', host, String(port)]);
}

async function runNode(from: Connection | undefined, args: readonly string[]): Promise<string> {
  const node = [process.execPath, '-e', ...args];
  const all = from === undefined ? node : ['nsenter', `--net=${from.namespace}`, ...node];
  return (await runCommand('env', all, { timeoutMs: 20_000 })).stdout.trim();
}

function addressOf({ endpoints }: Connection): string {
  return endpoints[0]?.endpoint.address6 ?? '';
}

function gatewayOf({ endpoints }: Connection): string {
  return endpoints[0]?.network.ipv6?.gateway ?? '';
}

/** An address of IPv6 by which others reach the host; its loopback where it has none. */
function hostAddress(): string {
  const all = Object.entries(networkInterfaces()).filter(([name]) => !/^(?:wb|docker|br-)/u.test(name));
  const found = all.flatMap(([, list]) => list ?? []).find((one) => one.family === 'IPv6' && one.scopeid === 0);
  return found?.address ?? '::1';
}

test('a container reaches its neighbour by its address, and by the one that was asked for', async () => {
  assert.equal(await call(client, addressOf(web), 80), 'seen fd00:77:1::c');
  assert.equal(addressOf(web), 'fd00:77:1::2');
});

test('names have addresses of both kinds, and addresses have names', async () => {
  const gateway = client.endpoints[0]?.network.gateway ?? '';
  const resolve = `
    const r = new (require('dns').promises.Resolver)({ timeout: 2000, tries: 1 });
    r.setServers(['${gateway}']);
    Promise.all([r.resolve6('web'), r.resolve4('web'), r.reverse('fd00:77:1::2')]).then((all) => console.log(all.flat().join(' ')), (e) => console.log(e.code));`;
  const four = web.endpoints[0]?.endpoint.address ?? '';
  assert.equal(await runNode(client, [resolve]), `fd00:77:1::2 ${four} web.front`);
});

test('a published port answers on the loopback, an address of the host and its IPv4, from the other network too', async () => {
  for (const host of ['::1', hostAddress(), '127.0.0.1'])
    assert.match(await call(undefined, host, 28_380), /^seen /u, host);
  assert.match(await call(stranger, gatewayOf(stranger), 28_380), /^seen /u);
});

test("networks do not reach each other, and nobody reaches the host's other ports", async (t) => {
  assert.equal(await call(stranger, addressOf(web), 80), 'timeout');
  const own = createServer((socket) => socket.end('seen by the host')).listen(28_390, '::');
  await once(own, 'listening');
  t.after(() => own.close());
  for (const host of [gatewayOf(client), gatewayOf(stranger), hostAddress()])
    if (host !== '::1') assert.equal(await call(client, host, 28_390), 'timeout', host);
  const bridge = client.endpoints[0]?.network.bridge ?? '';
  const { stdout } = await runCommand('ip', ['-6', '-o', 'addr', 'show', 'dev', bridge], { timeoutMs: 5000 });
  assert.doesNotMatch(stdout, /fe80/u);
});

test('a forged sender is dropped', async () => {
  const inside = [`--net=${stranger.namespace}`, 'ip', '-6'];
  await runCommand('nsenter', [...inside, 'addr', 'add', '2001:db8::7/128', 'dev', 'eth0', 'nodad'], {
    timeoutMs: 5000,
  });
  const route = ['route', 'replace', 'default', 'via', gatewayOf(stranger), 'dev', 'eth0'];
  await runCommand('nsenter', [...inside, ...route, 'src', '2001:db8::7'], { timeoutMs: 5000 });
  assert.equal(await call(stranger, gatewayOf(client), 28_380), 'timeout');
  await runCommand('nsenter', [...inside, ...route], { timeoutMs: 5000 });
});

test('an address of another subnet, and one that is taken, are refused', async () => {
  await assert.rejects(start('late', 'front', 'fd00:78::5'), /no configured subnet contains IP address fd00:78::5/u);
  await assert.rejects(start('late', 'front', 'fd00:77:1:0::C'), /Address already in use/u);
});

test('when the last network with IPv6 has gone, no rule of it is left', async () => {
  for (const name of ['web', 'client', 'stranger']) await manager.disconnect(name);
  await manager.remove('front');
  await manager.remove('back');
  const { stdout } = await runCommand('ip6tables-save', [], { timeoutMs: 10_000 });
  assert.ok(!stdout.includes(chain));
});
