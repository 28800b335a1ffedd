import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno, WindowboxError } from '../errors/index.js';
import { bridgeMark, runCommand, tryCommand } from '../platform/index.js';
import { macOf } from './allocate-address.js';
import { parseSubnet } from './ipv4.js';
import type { EndpointRecord, NetworkRecord } from './types.js';

/**
 * The kernel's side of networks: a bridge each, and for each endpoint a pair of interfaces with one end on the bridge and the other in
 * the container's namespace. Everything goes through `ip -batch`: one process for all steps.
 */
const timeoutMs = 10_000;

/** Makes the bridge, or puts right what is not as it should be. The owner is written on it, so that leftovers can be told. */
export async function ensureBridge(network: NetworkRecord, owner: string): Promise<void> {
  const { prefix } = parseSubnet(network.subnet);
  const exists = await tryCommand('ip', ['link', 'show', 'dev', network.bridge], { timeoutMs });
  if (exists.exitCode !== 0) await runCommand('ip', ['link', 'add', network.bridge, 'type', 'bridge'], { timeoutMs });
  await batch(
    [],
    [
      `addr replace ${network.gateway}/${String(prefix)} dev ${network.bridge}`,
      // A link-local address would be one more that guests reach the host by.
      ...(network.ipv6 === undefined ? [] : [`link set dev ${network.bridge} addrgenmode none`]),
      // Without an address of its own a bridge takes the lowest of its ports', and changes it as containers come and go: what
      // the others know of the gateway is wrong then, and their packets are lost for seconds.
      `link set dev ${network.bridge} address ${macOf(network.gateway)}`,
      `link set dev ${network.bridge} alias ${bridgeMark(owner)}`,
      `link set dev ${network.bridge} up`,
    ],
  );
  await (network.ipv6 === undefined ? withoutIpv6(network.bridge) : withIpv6(network.bridge, network.ipv6));
  await writeSetting('/proc/sys/net/ipv4/ip_forward', '1');
  // Lets the host's own 127.0.0.1 reach a published port; the firewall keeps everybody else from it.
  await writeSetting(`/proc/sys/net/ipv4/conf/${network.bridge}/route_localnet`, '1');
}

/** Over a link-local address guests would reach what the firewall keeps from them. */
async function withoutIpv6(bridge: string): Promise<void> {
  await writeSetting(`${settings6}/${bridge}/disable_ipv6`, '1').catch(ignoreMissing);
}

/** @throws WindowboxError `unsupported` on a kernel without IPv6. */
async function withIpv6(bridge: string, { subnet, gateway }: NonNullable<NetworkRecord['ipv6']>): Promise<void> {
  if (!existsSync(settings6))
    throw new WindowboxError('unsupported', 'Cannot bring up a network with IPv6: the kernel of this host has none', {
      hint: 'Start the host without ipv6.disable=1, or make the network without --ipv6.',
    });
  await writeSetting(`${settings6}/${bridge}/accept_ra`, '0');
  await writeSetting(`${settings6}/${bridge}/disable_ipv6`, '0');
  await batch([], [`addr replace ${gateway}/${subnet.split('/')[1] ?? ''} dev ${bridge} nodad`]);
  await forwardIpv6();
}

const settings6 = '/proc/sys/net/ipv6/conf';

/** A host that forwards no longer listens to router advertisements by itself: where its own way to the world comes from them, it is told to. */
async function forwardIpv6(): Promise<void> {
  if ((await readFile(`${settings6}/all/forwarding`, 'utf8')).trim() === '1') return;
  for (const name of await readdir(settings6)) {
    const path = `${settings6}/${name}/accept_ra`;
    const current = await readFile(path, 'utf8').catch(() => '');
    if (current.trim() === '1') await writeSetting(path, '2').catch(ignoreMissing);
  }
  await writeSetting(`${settings6}/all/forwarding`, '1');
}

export async function removeBridge(bridge: string): Promise<void> {
  await tryCommand('ip', ['link', 'delete', 'dev', bridge], { timeoutMs });
}

/** Names of the bridges that this owner made. */
export async function bridgesOf(owner: string): Promise<readonly string[]> {
  const { stdout } = await runCommand('ip', ['-json', 'link', 'show', 'type', 'bridge'], { timeoutMs });
  const links: unknown = JSON.parse(stdout.trim() === '' ? '[]' : stdout);
  if (!Array.isArray(links)) return [];
  return links.flatMap((link: unknown) =>
    typeof link === 'object' &&
    link !== null &&
    'ifname' in link &&
    'ifalias' in link &&
    link.ifalias === bridgeMark(owner)
      ? [String(link.ifname)]
      : [],
  );
}

function ignoreMissing(error: unknown): void {
  if (!isErrno(error, 'ENOENT')) throw error;
}

/** Windows lets every program listen below 1024 and ping; its user here has no capabilities to be asked for. */
const prepareNamespace = `
  ip link set dev lo up
  echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
  echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range
`;

/** A network namespace that stays while its file does. */
export async function createNamespace(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await (await open(path, 'wx', 0o600)).close();
  try {
    // `ip netns add` insists on /run/netns; a bind mount of a fresh namespace does the same at a path of ours.
    await runCommand('unshare', [`--net=${path}`, '/bin/sh', '-ec', prepareNamespace], { timeoutMs });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Idempotent. The interfaces in it go with it, and their other ends too. */
export async function deleteNamespace(path: string): Promise<void> {
  await tryCommand('umount', ['-l', path], { timeoutMs });
  await rm(path, { force: true });
}

export interface Attachment {
  readonly network: NetworkRecord;
  readonly endpoint: EndpointRecord;
  readonly namespace: string;
  /** Whether the way to the world leads through this network. */
  readonly isDefault: boolean;
}

export async function attachEndpoint(attachment: Attachment): Promise<void> {
  const { network, endpoint, namespace } = attachment;
  const host = hostInterface(endpoint);
  const { interfaceName: inside } = endpoint;
  const { prefix } = parseSubnet(network.subnet);
  await batch(
    [],
    [
      `link add ${host} type veth peer name ${inside} address ${endpoint.macAddress} netns ${namespace}`,
      `link set dev ${host} master ${network.bridge} up`,
      // A container may call its own published port: the packet leaves the bridge where it came in.
      `link set dev ${host} type bridge_slave hairpin on`,
    ],
  );
  await batch(
    [`--net=${namespace}`],
    [
      `addr add ${endpoint.address}/${String(prefix)} dev ${inside}`,
      `link set dev ${inside} up`,
      ...address6Of(attachment),
      ...(attachment.isDefault && !network.internal ? defaultRoutes(network, inside) : []),
    ],
  );
}

/** The way to the world leads through this endpoint from now on. */
export async function routeThrough({ network, endpoint, namespace }: Omit<Attachment, 'isDefault'>): Promise<void> {
  await batch([`--net=${namespace}`], defaultRoutes(network, endpoint.interfaceName));
}

function address6Of({ network: { ipv6 }, endpoint }: Attachment): readonly string[] {
  if (ipv6 === undefined || endpoint.address6 === undefined) return [];
  return [`addr add ${endpoint.address6}/${ipv6.subnet.split('/')[1] ?? ''} dev ${endpoint.interfaceName} nodad`];
}

function defaultRoutes({ gateway, ipv6 }: NetworkRecord, inside: string): readonly string[] {
  const gateways = ipv6 === undefined ? [gateway] : [gateway, ipv6.gateway];
  return gateways.map((via) => `route replace default via ${via} dev ${inside}`);
}

export async function detachEndpoint(endpoint: EndpointRecord): Promise<void> {
  await tryCommand('ip', ['link', 'delete', 'dev', hostInterface(endpoint)], { timeoutMs });
}

/** Fifteen characters are all that an interface's name may have. */
export function hostInterface(endpoint: EndpointRecord): string {
  return `wb${endpoint.id.slice(0, 12)}`;
}

async function batch(enter: readonly string[], commands: readonly string[]): Promise<void> {
  const input = commands.map((command) => `${command}\n`).join('');
  if (enter.length === 0) await runCommand('ip', ['-batch', '-'], { input, timeoutMs });
  else await runCommand('nsenter', [...enter, '--', 'ip', '-batch', '-'], { input, timeoutMs });
}

async function writeSetting(path: string, value: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(value);
  } finally {
    await file.close();
  }
}
