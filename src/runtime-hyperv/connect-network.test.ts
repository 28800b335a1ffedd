import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runCommand } from '../platform/index.js';
import type { SandboxNetwork } from '../runtime/index.js';
import { networkRequest } from './begin-request.js';
import { connectNetwork, rewireNetwork } from './connect-network.js';

/** Real network namespaces, with interfaces that lead nowhere in the place of endpoints. */
const options = { skip: process.getuid?.() === 0 ? false : 'needs root', timeout: 60_000 } as const;
const timeoutMs = 10_000;

interface Namespace {
  readonly network: SandboxNetwork & { readonly mode: 'namespace' };
  readonly run: (...command: readonly string[]) => Promise<string>;
  readonly add: (name: string, address: string) => Promise<void>;
}

async function makeNamespace(context: TestContext): Promise<Namespace> {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-cards-'));
  const path = join(folder, 'net');
  await writeFile(path, '');
  await runCommand('unshare', [`--net=${path}`, 'true'], { timeoutMs });
  context.after(async () => {
    await runCommand('umount', [path], { timeoutMs });
    await rm(folder, { recursive: true });
  });
  const run: Namespace['run'] = async (...command) =>
    (await runCommand('nsenter', [`--net=${path}`, '--', ...command], { timeoutMs })).stdout;
  return {
    network: { mode: 'namespace', path, dns: { servers: ['10.1.0.1'], search: [] }, hosts: [] },
    run,
    add: async (name, address) => {
      await run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', `p-${name}`);
      await run('ip', 'link', 'set', `p-${name}`, 'up');
      await run('ip', 'address', 'add', address, 'dev', name);
      await run('ip', 'link', 'set', name, 'up');
    },
  };
}

/** `eth0>vm0 vm0>eth0`: which interface hands its packets to which. */
async function wiresOf({ run }: Namespace): Promise<string> {
  const names = ['eth0', 'eth1', 'vm0', 'vm1'];
  const links = await run('ip', '-br', 'link');
  const found: string[] = [];
  for (const name of names.filter((each) => links.includes(`${each} `))) {
    const filters = await run('tc', 'filter', 'show', 'dev', name, 'ingress');
    for (const [, to] of filters.matchAll(/Redirect to device (\w+)\)/gu)) found.push(`${name}>${String(to)}`);
  }
  return found.join(' ');
}

test(
  'each interface of the namespace is wired to a card, and the other cards are there without a wire',
  options,
  async (context) => {
    const namespace = await makeNamespace(context);
    await namespace.add('eth0', '10.1.0.2/24');
    await namespace.add('eth1', '10.2.0.2/24');
    await namespace.run('ip', 'route', 'add', 'default', 'via', '10.2.0.1', 'dev', 'eth1');
    const found = await connectNetwork(namespace.network);
    assert.deepEqual(
      found?.cards.map(({ index, address, mtu }) => [index, address, mtu]),
      [
        [0, '10.1.0.2/24', 1500],
        [1, '10.2.0.2/24', 1500],
      ],
    );
    assert.deepEqual(found?.gateway, { card: 1, address: '10.2.0.1' });
    assert.equal(await wiresOf(namespace), 'eth0>vm0 eth1>vm1 vm0>eth0 vm1>eth1');
    assert.match(await namespace.run('ip', '-br', 'link'), /^vm7 +DOWN/mu);
    await connectNetwork(namespace.network);
    assert.equal(
      await wiresOf(namespace),
      'eth0>vm0 eth1>vm1 vm0>eth0 vm1>eth1',
      'done again after a start that failed',
    );
  },
);

test('a network that goes takes its wire with it; one that comes gets a new one', options, async (context) => {
  const namespace = await makeNamespace(context);
  await namespace.add('eth0', '10.1.0.2/24');
  await connectNetwork(namespace.network);
  await namespace.add('eth1', '10.2.0.2/24');
  await rewireNetwork(namespace.network);
  assert.equal(await wiresOf(namespace), 'eth0>vm0 eth1>vm1 vm0>eth0 vm1>eth1');
  await namespace.run('ip', 'link', 'delete', 'eth0');
  assert.deepEqual(
    (await rewireNetwork(namespace.network)).cards.map(({ index }) => index),
    [1],
  );
  assert.equal(await wiresOf(namespace), 'eth1>vm1 vm1>eth1');
  // Gone and there again before anybody looked.
  await namespace.run('ip', 'link', 'delete', 'eth1');
  await namespace.add('eth1', '10.3.0.2/24');
  await rewireNetwork(namespace.network);
  assert.equal(await wiresOf(namespace), 'eth1>vm1 vm1>eth1');
});

test('an interface that the machine has no card for is refused', options, async (context) => {
  const namespace = await makeNamespace(context);
  await namespace.add('eth8', '10.1.0.2/24');
  await assert.rejects(connectNetwork(namespace.network), { code: 'unsupported', message: /it has 8 network cards/u });
});

test('the guest is told all cards, ways to the world and names', () => {
  const network: SandboxNetwork = {
    mode: 'namespace',
    path: '/n',
    dns: { servers: ['10.1.0.1'], search: ['corp'] },
    hosts: [{ name: 'web', address: '10.1.0.2' }],
  };
  const vmNetwork = {
    cards: [
      { index: 0, hardware: '02:42:0a:01:00:02', address: '10.1.0.2/24', mtu: 1500 },
      { index: 2, hardware: '02:42:0a:02:00:02', address: '10.2.0.2/24', address6: 'fd00::2/64', mtu: 1400 },
    ],
    gateway: { card: 2, address: '10.2.0.1' },
    gateway6: { card: 2, address: 'fd00::1' },
  };
  assert.deepEqual(networkRequest({ hostname: 'web', network, vmNetwork }), [
    'network',
    'hosts=127.0.0.1\tlocalhost\n::1\tlocalhost\n10.1.0.2\tweb\n',
    'resolver=nameserver 10.1.0.1\nsearch corp\n',
    'card=0 02:42:0a:01:00:02 1500 10.1.0.2/24',
    'card=2 02:42:0a:02:00:02 1400 10.2.0.2/24 fd00::2/64',
    'gateway=2 10.2.0.1',
    'gateway6=2 fd00::1',
  ]);
});
