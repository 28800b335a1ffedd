import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, type HeldProgram, holdProgram, openDatabase, runCommand } from '../platform/index.js';
import type { Connection } from './connect.js';
import { removeFirewall } from './firewall.js';
import { bridgesOf, removeBridge } from './links.js';
import { makeNetworkManager, type NetworkManager } from './make-network-manager.js';
import { networkMigrations } from './network-store.js';

/** A guest that owns its card, as the kernel of a VM does: whatever it puts on the wire, it reaches nothing more than others do. */
const chain = `WB-U${randomBytes(3).toString('hex')}`;
const port = 28_490;
let folder: string;
let database: Database;
let manager: NetworkManager;
let victim: Connection;
let neighbour: Connection;
let hostile: Connection;
let listener: HeldProgram;
/** What the victim got, and what the host's own program got. */
const heard: string[] = [];
const own = createSocket('udp4');

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windowbox-hostile-'));
  database = openDatabase(join(folder, 'network.db'), networkMigrations);
  manager = await makeNetworkManager({ database, chain, folder: join(folder, 'netns') });
  for (const name of ['front', 'back']) await manager.create({ ...wish, name });
  victim = await start('victim', 'front');
  neighbour = await start('neighbour', 'front');
  hostile = await start('hostile', 'back');
  own.bind(port, '0.0.0.0').on('message', (message) => heard.push(`host ${String(message)}`));
  await once(own, 'listening');
  // What it hears it tells the host, who is the only one that it can tell: on its own loopback nobody listens.
  const program = `
    const u = require('dgram').createSocket('udp4').bind(${String(port)}, '0.0.0.0', () => console.log('up'));
    u.on('message', (m) => require('fs').appendFileSync(process.argv[1], m + '\\n'));`;
  const args = [`--net=${victim.namespace}`, process.execPath, '-e', program, '--', join(folder, 'heard')];
  listener = await holdProgram('nsenter', args, { timeoutMs: 10_000 });
});

after(async () => {
  own.close();
  await listener.close();
  for (const id of ['victim', 'neighbour', 'hostile']) await manager.disconnect(id);
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

async function start(name: string, network: string): Promise<Connection> {
  const endpoints = [{ network, aliases: [], address: '', address6: '', macAddress: '' }];
  return manager.connect({ id: name, name, hostname: '', ports: [], dns: [], endpoints });
}

function addressOf({ endpoints }: Connection): string {
  return endpoints[0]?.endpoint.address ?? '';
}

function gatewayOf({ endpoints }: Connection): string {
  return endpoints[0]?.network.gateway ?? '';
}

/** The hardware address that follows from an address of ours. */
function hardware(address: string): Buffer {
  return Buffer.from([2, 0x42, ...bytesOf(address)]);
}

function bytesOf(address: string): number[] {
  return address.split('.').map(Number);
}

interface Frame {
  readonly toHardware: Buffer;
  readonly fromHardware: Buffer;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** In front of the packet: a VLAN's tag. */
  readonly tag?: Buffer;
}

function udpFrame({ toHardware, fromHardware, from, to, text, tag = Buffer.alloc(0) }: Frame): Buffer {
  const udp = Buffer.alloc(8);
  for (const [index, value] of [port, port, 8 + text.length, 0].entries()) udp.writeUInt16BE(value, index * 2);
  const ip = Buffer.from([0x45, 0, 0, 28 + text.length, 0, 1, 0, 0, 64, 17, 0, 0, ...bytesOf(from), ...bytesOf(to)]);
  let sum = 0;
  for (let at = 0; at < ip.length; at += 2) sum += ip.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  ip.writeUInt16BE(~sum & 0xffff, 10);
  return Buffer.concat([toHardware, fromHardware, tag, Buffer.from([8, 0]), ip, udp, Buffer.from(text)]);
}

/** "That address is at my hardware", told to everybody. */
function arpFrame(claimed: string, mine: Buffer): Buffer {
  const all = Buffer.alloc(6, 255);
  const about = Buffer.from([0, 1, 8, 0, 6, 4, 0, 2]);
  const address = Buffer.from(bytesOf(claimed));
  return Buffer.concat([all, mine, Buffer.from([8, 6]), about, mine, address, all, address]);
}

/** Perl is in every Debian, and opens packet sockets. */
const sender = `
  socket(my $s, 17, 3, 0) or die;
  my $card = pack('a16 x24', 'eth0');
  ioctl($s, 0x8933, $card) or die;
  my $index = unpack('x16 i', $card);
  for (@ARGV) { my $f = pack('H*', $_); send($s, $f, 0, pack('S n i S C C a8', 17, 0x0800, $index, 0, 0, 6, substr($f, 0, 6))) or die $!; }
`;

async function put(from: Connection, frames: readonly Buffer[]): Promise<void> {
  const words = frames.map((frame) => frame.toString('hex'));
  await runCommand('nsenter', [`--net=${from.namespace}`, 'perl', '-e', sender, ...words], { timeoutMs: 10_000 });
  await sleep(300);
}

async function heardByVictim(): Promise<string> {
  const { stdout } = await runCommand('sh', ['-c', 'cat "$1" 2>/dev/null || true', 'sh', join(folder, 'heard')], {
    timeoutMs: 5000,
  });
  return stdout.trim();
}

test('a frame made by hand reaches a neighbour: what follows can be heard', async () => {
  const [from, to] = [addressOf(neighbour), addressOf(victim)];
  await put(neighbour, [udpFrame({ toHardware: hardware(to), fromHardware: hardware(from), from, to, text: 'hello' })]);
  assert.equal(await heardByVictim(), 'hello');
});

test("forged addresses, hardware addresses, tags and broadcasts reach neither another network nor the host's programs", async () => {
  const me = { address: addressOf(hostile), hardware: hardware(addressOf(hostile)) };
  const gateway = hardware(gatewayOf(hostile));
  const targets = [
    addressOf(victim),
    gatewayOf(hostile),
    gatewayOf(victim),
    '127.0.0.1',
    '255.255.255.255',
    '224.0.0.1',
  ];
  const senders = [me.address, addressOf(neighbour), gatewayOf(hostile), gatewayOf(victim), '127.0.0.1', '192.0.2.1'];
  const ways = [
    { toHardware: gateway, fromHardware: me.hardware },
    { toHardware: gateway, fromHardware: hardware(addressOf(neighbour)) },
    { toHardware: hardware(addressOf(victim)), fromHardware: me.hardware },
    { toHardware: Buffer.alloc(6, 255), fromHardware: me.hardware },
    { toHardware: gateway, fromHardware: me.hardware, tag: Buffer.from([0x81, 0, 0, 1]) },
  ];
  const frames = targets.flatMap((to) =>
    senders.flatMap((from) => ways.map((way) => udpFrame({ ...way, from, to, text: 'forged' }))),
  );
  await put(hostile, frames);
  assert.equal(await heardByVictim(), 'hello');
  assert.deepEqual(heard, []);
});

test('who claims the addresses of another network is believed by nobody in it', async () => {
  const mine = hardware(addressOf(hostile));
  await put(hostile, [arpFrame(addressOf(victim), mine), arpFrame(gatewayOf(victim), mine)]);
  assert.equal(await ping(victim, gatewayOf(victim)), 'answer');
  const bridge = victim.endpoints[0]?.network.bridge ?? '';
  const known = await runCommand('ip', ['neigh', 'show', 'dev', bridge], { timeoutMs: 5000 });
  assert.ok(!known.stdout.includes(mine.toString('hex').match(/../gu)?.join(':') ?? 'none'), known.stdout);
  const [from, to] = [addressOf(neighbour), addressOf(victim)];
  await put(neighbour, [udpFrame({ toHardware: hardware(to), fromHardware: hardware(from), from, to, text: 'still' })]);
  assert.equal(await heardByVictim(), 'hello\nstill');
});

test('of ICMP the gateway answers a ping, and another network answers nothing', async () => {
  assert.equal(await ping(hostile, gatewayOf(hostile)), 'answer');
  for (const target of [addressOf(victim), gatewayOf(victim)])
    assert.equal(await ping(hostile, target), 'none', target);
});

const pinger = `
  socket(my $s, 2, 2, 1) or die;
  send($s, pack('C C n n n a8', 8, 0, 0, 0, 1, 'hello'), 0, pack('S n C4 x8', 2, 0, split(/\\./, $ARGV[0]))) or die $!;
  my $set = '';
  vec($set, fileno($s), 1) = 1;
  print select($set, undef, undef, 1.5) ? 'answer' : 'none';
`;

async function ping(from: Connection, target: string): Promise<string> {
  const args = [`--net=${from.namespace}`, 'perl', '-e', pinger, target];
  return (await runCommand('nsenter', args, { timeoutMs: 10_000 })).stdout;
}
