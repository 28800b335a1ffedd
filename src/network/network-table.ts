import { randomBytes } from 'node:crypto';
import { WindowboxError } from '../errors/index.js';
import { chooseSubnet } from './choose-subnet.js';
import { contains, formatAddress, formatSubnet, overlaps, parseAddress, parseSubnet } from './ipv4.js';
import { parseHostPorts } from './host-ports.js';
import { contains6, formatAddress6, formatSubnet6, overlaps6, parseAddress6, parseSubnet6 } from './ipv6.js';
import type { NetworkStore } from './network-store.js';
import type { NetworkRecord } from './types.js';

/** What a new network is asked to be. */
export interface NetworkWish {
  readonly name: string;
  /** Empty: `nat`. */
  readonly driver: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly range: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ipv6: boolean;
  /** As `subnet` and `gateway`; only with `ipv6`. */
  readonly subnet6: string;
  readonly gateway6: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** The network of this name, id, or unique prefix of an id. @throws WindowboxError `not-found` "network x not found". */
export function findNetwork(store: NetworkStore, ref: string): NetworkRecord {
  const networks = store.networks();
  const exact = networks.find(({ id, name }) => id === ref || name === ref);
  if (exact !== undefined) return exact;
  const matches = ref === '' ? [] : networks.filter(({ id }) => id.startsWith(ref));
  const [match] = matches;
  if (matches.length > 1)
    throw new WindowboxError(
      'invalid-argument',
      `network ${ref} is ambiguous (${String(matches.length)} matches found on ID prefix)`,
    );
  if (match === undefined) throw new WindowboxError('not-found', `network ${ref} not found`);
  return match;
}

/** Checks a wish and fills in what it leaves open. Nothing is made yet. */
export async function planNetwork(store: NetworkStore, wish: NetworkWish, builtIn = false): Promise<NetworkRecord> {
  checkName(store, wish.name);
  checkDriver(wish);
  parseHostPorts(wish.options);
  const taken = store
    .networks()
    .filter(({ subnet }) => subnet !== '')
    .map(({ subnet }) => parseSubnet(subnet));
  const subnetText = wish.subnet === '' ? await chooseSubnet(taken) : wish.subnet;
  const subnet = parseSubnet(subnetText);
  if (taken.some((other) => overlaps(subnet, other)))
    throw new WindowboxError(
      'permission-denied',
      'invalid pool request: Pool overlaps with other one on this address space',
    );
  const gateway = wish.gateway === '' ? formatAddress(subnet.base + 1) : wish.gateway;
  const gatewayNumber = parseAddress(gateway);
  if (gatewayNumber === undefined || !contains(subnet, gatewayNumber))
    throw new WindowboxError(
      'invalid-argument',
      `invalid gateway address ${gateway}: not in subnet ${formatSubnet(subnet)}`,
    );
  const id = randomBytes(32).toString('hex');
  return {
    id,
    name: wish.name,
    driver: 'nat',
    createdAt: Date.now(),
    subnet: formatSubnet(subnet),
    gateway,
    range: wish.range === '' ? '' : checkedRange(wish.range, subnetText),
    internal: wish.internal,
    attachable: wish.attachable,
    labels: wish.labels,
    options: wish.options,
    bridge: `wb-${id.slice(0, 12)}`,
    builtIn,
    ...(wish.subnet === '' ? { isChosen: true } : {}),
    ...(wish.ipv6 ? { ipv6: planIpv6(store, wish) } : {}),
  };
}

function checkName(store: NetworkStore, name: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/u.test(name))
    throw new WindowboxError(
      'invalid-argument',
      `invalid network name "${name}": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    );
  if (store.networks().some((network) => network.name === name))
    throw new WindowboxError('conflict', `network with name ${name} already exists`);
}

/** Drivers of Windows that need its own switches, and why they are not here. */
const elsewhere: Readonly<Record<string, string>> = {
  transparent: 'it puts containers on the physical network with addresses of their own',
  l2bridge: 'it rewrites addresses in the switch of Windows',
  l2tunnel: 'it belongs to the network of Azure',
  overlay: 'it needs a swarm',
  ics: 'it is the switch of Windows client editions',
};

function checkDriver(wish: NetworkWish): void {
  const { driver } = wish;
  const reason = elsewhere[driver];
  if (reason !== undefined)
    throw new WindowboxError(
      'unsupported',
      `Cannot create a network with driver "${driver}": not here, since ${reason}`,
      {
        hint: 'Use the driver "nat", and publish ports with -p.',
      },
    );
  if (driver === 'null')
    throw new WindowboxError('permission-denied', 'only one instance of "null" network is allowed');
  if (!['', 'nat', 'bridge', 'internal'].includes(driver))
    throw new WindowboxError(
      'not-found',
      `could not find plugin ${driver} in v2 plugin registry: plugin "${driver}" not found`,
    );
  if (!wish.ipv6 && wish.subnet6 !== '')
    throw new WindowboxError('invalid-argument', `Cannot use subnet ${wish.subnet6}: the network is without IPv6`, {
      hint: 'Ask for it: --ipv6.',
    });
}

/** Without a subnet one of the local ones (RFC 4193), by chance, so that no two hosts have the same. */
function planIpv6(store: NetworkStore, wish: NetworkWish): NonNullable<NetworkRecord['ipv6']> {
  const chosen = `fd${randomBytes(5).toString('hex')}`.match(/.{4}/gu)?.join(':') ?? '';
  const subnet = parseSubnet6(wish.subnet6 === '' ? `${chosen}::/64` : wish.subnet6);
  const taken = store.networks().flatMap(({ ipv6 }) => (ipv6 === undefined ? [] : parseSubnet6(ipv6.subnet)));
  if (taken.some((other) => overlaps6(subnet, other)))
    throw new WindowboxError(
      'permission-denied',
      'invalid pool request: Pool overlaps with other one on this address space',
    );
  const gateway = wish.gateway6 === '' ? subnet.base + 1n : parseAddress6(wish.gateway6);
  if (gateway === undefined || !contains6(subnet, gateway))
    throw new WindowboxError(
      'invalid-argument',
      `invalid gateway address ${wish.gateway6}: not in subnet ${formatSubnet6(subnet)}`,
    );
  return { subnet: formatSubnet6(subnet), gateway: formatAddress6(gateway) };
}

function checkedRange(range: string, subnet: string): string {
  const inner = parseSubnet(range);
  if (!overlaps(inner, parseSubnet(subnet)) || inner.prefix < parseSubnet(subnet).prefix)
    throw new WindowboxError('invalid-argument', `invalid IP range ${range}: not in subnet ${subnet}`);
  return formatSubnet(inner);
}
