import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../platform/index.js';
import { createNetworkStore, networkMigrations, type NetworkStore } from './network-store.js';
import { findNetwork, type NetworkWish, planNetwork } from './network-table.js';
import { testNetwork } from './test-records.js';

function store(): NetworkStore {
  const networks = createNetworkStore(openDatabase(':memory:', networkMigrations));
  networks.saveNetwork(testNetwork({ id: 'aaaa1', name: 'front', subnet: '10.99.0.0/16', gateway: '10.99.0.1' }));
  networks.saveNetwork(
    testNetwork({
      id: 'aaaa2',
      name: 'back',
      subnet: '10.98.0.0/16',
      gateway: '10.98.0.1',
      ipv6: { subnet: 'fd00:98::/64', gateway: 'fd00:98::1' },
    }),
  );
  return networks;
}

const wish: NetworkWish = {
  name: 'new',
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

const refusals: readonly { readonly wish: Partial<NetworkWish>; readonly code: string; readonly message: RegExp }[] = [
  { wish: { name: 'front' }, code: 'conflict', message: /^network with name front already exists$/u },
  { wish: { name: 'a b' }, code: 'invalid-argument', message: /only \[a-zA-Z0-9\]\[a-zA-Z0-9_\.-\] are allowed/u },
  { wish: { driver: 'overlay' }, code: 'unsupported', message: /not here, since it needs a swarm/u },
  { wish: { driver: 'transparent' }, code: 'unsupported', message: /not here, since/u },
  { wish: { driver: 'l2bridge' }, code: 'unsupported', message: /not here, since/u },
  { wish: { driver: 'ics' }, code: 'unsupported', message: /not here, since/u },
  { wish: { driver: 'nosuch' }, code: 'not-found', message: /plugin "nosuch" not found$/u },
  { wish: { driver: 'null' }, code: 'permission-denied', message: /^only one instance of "null" network is allowed$/u },
  { wish: { subnet6: 'fd00:99::/64' }, code: 'invalid-argument', message: /the network is without IPv6$/u },
  { wish: { ipv6: true, subnet6: 'fd00:98::/32' }, code: 'permission-denied', message: /Pool overlaps/u },
  { wish: { ipv6: true, subnet6: '10.97.0.0/16' }, code: 'invalid-argument', message: /invalid CIDR block/u },
  {
    wish: { ipv6: true, subnet6: 'fd00:97::/64', gateway6: 'fd00:96::1' },
    code: 'invalid-argument',
    message: /not in/u,
  },
  { wish: { subnet: '10.99.4.0/24' }, code: 'permission-denied', message: /Pool overlaps with other one/u },
  { wish: { options: { 'windowbox.host-ports': 'all' } }, code: 'invalid-argument', message: /no list of ports/u },
  { wish: { subnet: 'nonsense' }, code: 'invalid-argument', message: /invalid CIDR block notation/u },
  { wish: { subnet: '10.97.0.0/16', gateway: '10.96.0.1' }, code: 'invalid-argument', message: /not in subnet/u },
  { wish: { subnet: '10.97.0.0/16', range: '10.96.0.0/24' }, code: 'invalid-argument', message: /invalid IP range/u },
];

for (const row of refusals)
  test(`refuses ${JSON.stringify(row.wish)}`, async () =>
    assert.rejects(planNetwork(store(), { ...wish, ...row.wish }), { code: row.code, message: row.message }));

const plans: readonly { readonly wish: Partial<NetworkWish>; readonly expected: Readonly<Record<string, unknown>> }[] =
  [
    { wish: { driver: 'bridge' }, expected: { driver: 'nat', isChosen: true } },
    { wish: { driver: 'nat' }, expected: { driver: 'nat' } },
    { wish: { subnet: '10.97.3.4/16' }, expected: { subnet: '10.97.0.0/16', gateway: '10.97.0.1' } },
    { wish: { subnet: '10.97.0.0/16', gateway: '10.97.0.254' }, expected: { gateway: '10.97.0.254' } },
    { wish: { subnet: '10.97.0.0/16', range: '10.97.5.0/24' }, expected: { range: '10.97.5.0/24' } },
    { wish: {}, expected: { ipv6: undefined } },
    {
      wish: { ipv6: true, subnet6: 'fd00:97::5/64' },
      expected: { ipv6: { subnet: 'fd00:97::/64', gateway: 'fd00:97::1' } },
    },
    {
      wish: { ipv6: true, subnet6: 'fd00:97::/64', gateway6: 'fd00:97:0:0::9' },
      expected: { ipv6: { subnet: 'fd00:97::/64', gateway: 'fd00:97::9' } },
    },
  ];

for (const row of plans)
  test(`makes of ${JSON.stringify(row.wish)} ${JSON.stringify(row.expected)}`, async () => {
    const network: Readonly<Record<string, unknown>> = { ...(await planNetwork(store(), { ...wish, ...row.wish })) };
    for (const [field, value] of Object.entries(row.expected)) assert.deepEqual(network[field], value, field);
  });

test('a network with IPv6 and no subnet gets a local one of its own', async () => {
  const plan = async (): Promise<string> => (await planNetwork(store(), { ...wish, ipv6: true })).ipv6?.subnet ?? '';
  const subnets = [await plan(), await plan()];
  for (const subnet of subnets) assert.match(subnet, /^fd[\da-f:]+::\/64$/u);
  assert.equal(new Set(subnets).size, 2);
});

test('a bridge has a name that Linux takes', async () => {
  const { bridge } = await planNetwork(store(), wish);
  assert.match(bridge, /^wb-[\da-f]{12}$/u);
});

const lookups: readonly { readonly ref: string; readonly found: string | RegExp }[] = [
  { ref: 'front', found: 'aaaa1' },
  { ref: 'aaaa2', found: 'aaaa2' },
  { ref: 'aaaa', found: /^network aaaa is ambiguous \(2 matches found on ID prefix\)$/u },
  { ref: 'nosuch', found: /^network nosuch not found$/u },
  { ref: '', found: /^network {2}not found$/u },
];

for (const { ref, found } of lookups)
  test(`"${ref}" is ${String(found)}`, () => {
    if (typeof found === 'string') assert.equal(findNetwork(store(), ref).id, found);
    else assert.throws(() => findNetwork(store(), ref), { message: found });
  });

test('what is saved is there for the next daemon', () => {
  const database = openDatabase(':memory:', networkMigrations);
  const first = createNetworkStore(database);
  first.saveNetwork(testNetwork({ id: 'x', name: 'kept' }));
  first.saveNamespace('c1', '/run/x');
  assert.deepEqual(createNetworkStore(database).networks(), first.networks());
  assert.deepEqual(createNetworkStore(database).namespaces(), [['c1', '/run/x']]);
});
