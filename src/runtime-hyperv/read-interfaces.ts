import { WindowboxError } from '../errors/index.js';
import { runCommand } from '../platform/index.js';
import { cardOf, type CardGateway, type NetworkCard, tapNames, type VmNetwork } from './network-cards.js';

const timeoutMs = 10_000;

/** What a network namespace has: the cards that a VM is to have for it, and the taps of a VM that are in it. */
export interface Interfaces extends VmNetwork {
  readonly taps: readonly string[];
}

/** @throws WindowboxError `internal`, `unsupported` for more interfaces than a VM has cards. */
export async function readInterfaces(namespace: string): Promise<Interfaces> {
  const ask = async (...args: readonly string[]): Promise<readonly Fields[]> =>
    parseList(
      (await runCommand('nsenter', [`--net=${namespace}`, '--', 'ip', '-json', ...args], { timeoutMs })).stdout,
    );
  const [links, routes, routes6] = await Promise.all([
    ask('address', 'show'),
    ask('route', 'show', 'default'),
    ask('-6', 'route', 'show', 'default'),
  ]);
  const names = new Set(links.map((link) => link.get('ifname')));
  return {
    taps: tapNames.filter((name) => names.has(name)),
    cards: links.flatMap(readCard),
    gateway: readGateway(routes),
    gateway6: readGateway(routes6),
  };
}

type Fields = ReadonlyMap<string, unknown>;

/** None for what has no IPv4 address, and for the wires of a VM that is there already. */
function readCard(link: Fields): readonly NetworkCard[] {
  const [name, hardware, addresses, mtu] = ['ifname', 'address', 'addr_info', 'mtu'].map((key) => link.get(key));
  if (typeof name !== 'string' || name === 'lo' || tapNames.includes(name)) return [];
  const address = findAddress(addresses, 'inet');
  if (address === undefined) return [];
  const index = cardOf(name);
  if (typeof hardware !== 'string' || !/^[\d.]+\/\d+$/u.test(address))
    throw new WindowboxError('internal', `Cannot connect the VM to "${name}": its address cannot be read`);
  const address6 = findAddress(addresses, 'inet6');
  return [{ index, hardware, address, address6, mtu: typeof mtu === 'number' ? mtu : 1500 }];
}

/** `ADDRESS/PREFIX`; what reaches no further than the wire is each card's own. */
function findAddress(addresses: unknown, family: 'inet' | 'inet6'): string | undefined {
  const found = (Array.isArray(addresses) ? addresses : [])
    .map(toMap)
    .find((each) => each.get('family') === family && each.get('scope') !== 'link');
  return found === undefined ? undefined : `${String(found.get('local'))}/${String(found.get('prefixlen'))}`;
}

function readGateway(routes: readonly Fields[]): CardGateway | undefined {
  const [address, device] = ['gateway', 'dev'].map((key) => routes.at(0)?.get(key));
  return typeof address === 'string' && typeof device === 'string' ? { card: cardOf(device), address } : undefined;
}

function parseList(json: string): readonly Fields[] {
  const parsed: unknown = json.trim() === '' ? [] : JSON.parse(json);
  return Array.isArray(parsed) ? parsed.map(toMap) : [];
}

function toMap(value: unknown): Fields {
  return new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
}
