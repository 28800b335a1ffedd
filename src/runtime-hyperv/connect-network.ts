import { WindowboxError } from '../errors/index.js';
import { runCommand } from '../platform/index.js';
import type { SandboxNetwork } from '../runtime/index.js';
import type { NetworkCard } from './begin-request.js';
import { vmUser } from './context.js';

const timeoutMs = 10_000;
/** QEMU's end of the wire. */
export const tapName = 'vm0';

/**
 * Puts a VM in the place of the network namespace's own stack: every packet that arrives at its interface goes to a tap device, and
 * back. The guest then has the interface's hardware and internet address, and whoever set the network up sees no difference.
 * Undefined without a network, and for a namespace without an interface. Can be done again on the same namespace.
 *
 * @throws WindowboxError `internal`.
 */
export async function connectNetwork(network: SandboxNetwork): Promise<NetworkCard | undefined> {
  if (network.mode === 'none') return undefined;
  const inside = async (args: readonly string[]): Promise<string> =>
    (await runCommand('nsenter', [`--net=${network.path}`, '--', ...args], { timeoutMs })).stdout;
  const found = findInterface(await inside(['ip', '-json', 'address', 'show']));
  if (found === undefined) return undefined;
  const gateway = findGateway(await inside(['ip', '-json', 'route', 'show', 'default']));
  const gateway6 = findGateway(await inside(['ip', '-json', '-6', 'route', 'show', 'default']));
  await inside(['/bin/sh', '-c', wireScript, 'sh', found.name, tapName, String(vmUser), String(found.mtu)]);
  return {
    hardware: found.hardware,
    address: found.address,
    address6: found.address6,
    mtu: found.mtu,
    gateway,
    gateway6,
  };
}

/** `$1` the interface, `$2` the tap, `$3` who may open the tap, `$4` the longest packet. */
const wireScript = `set -e
ip link delete "$2" 2>/dev/null || true
tc qdisc delete dev "$1" ingress 2>/dev/null || true
ip tuntap add dev "$2" mode tap user "$3" group "$3"
ip link set dev "$2" mtu "$4" up
tc qdisc add dev "$1" ingress
tc qdisc add dev "$2" ingress
tc filter add dev "$1" parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev "$2"
tc filter add dev "$2" parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev "$1"`;

interface Interface {
  readonly name: string;
  readonly hardware: string;
  readonly address: string;
  readonly address6: string | undefined;
  readonly mtu: number;
}

/** The first with an IPv4 address: a container has one card. */
function findInterface(json: string): Interface | undefined {
  for (const link of parseList(json)) {
    const [name, hardware, addresses] = [link.get('ifname'), link.get('address'), link.get('addr_info')];
    if (typeof name !== 'string' || name === 'lo' || name === tapName || typeof hardware !== 'string') continue;
    const address = findAddress(addresses, 'inet');
    if (address === undefined) continue;
    if (!/^[\w.-]{1,15}$/u.test(name) || !/^[\d.]+\/\d+$/u.test(address))
      throw new WindowboxError('internal', `Cannot connect the VM to "${name}": its address cannot be read`);
    const mtu = link.get('mtu');
    return {
      name,
      hardware,
      address,
      address6: findAddress(addresses, 'inet6'),
      mtu: typeof mtu === 'number' ? mtu : 1500,
    };
  }
  return undefined;
}

/** `ADDRESS/PREFIX`; what reaches no further than the wire is each card's own. */
function findAddress(addresses: unknown, family: 'inet' | 'inet6'): string | undefined {
  const found = (Array.isArray(addresses) ? addresses : [])
    .map(toMap)
    .find((each) => each.get('family') === family && each.get('scope') !== 'link');
  return found === undefined ? undefined : `${String(found.get('local'))}/${String(found.get('prefixlen'))}`;
}

function findGateway(json: string): string | undefined {
  const gateway = parseList(json).at(0)?.get('gateway');
  return typeof gateway === 'string' ? gateway : undefined;
}

function parseList(json: string): readonly ReadonlyMap<string, unknown>[] {
  const parsed: unknown = json.trim() === '' ? [] : JSON.parse(json);
  return Array.isArray(parsed) ? parsed.map(toMap) : [];
}

function toMap(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
}
