import { runCommand, tryCommand } from '../platform/index.js';
import type { EndpointRecord, NetworkRecord } from './types.js';

/**
 * Rules of our own chains for all networks and published ports at once, loaded in one atomic call. Nothing of anybody else is touched
 * but one jump at the head of each built-in chain. Loading again puts right whatever has been changed in our chains.
 *
 * What holds: containers of different networks do not reach each other; of the host a container reaches the resolver of its network and
 * what it has published itself, nothing else; link-local addresses (169.254.0.0/16, where clouds keep their secrets) are out of reach.
 */
interface Jump {
  readonly table: 'nat' | 'filter';
  readonly from: string;
  readonly to: string;
  readonly match: readonly string[];
}

function jumpsOf(chain: string): readonly Jump[] {
  const toUs = ['-m', 'addrtype', '--dst-type', 'LOCAL'];
  return [
    { table: 'nat', from: 'PREROUTING', to: `${chain}-DNAT`, match: toUs },
    { table: 'nat', from: 'OUTPUT', to: `${chain}-DNAT`, match: toUs },
    { table: 'nat', from: 'POSTROUTING', to: `${chain}-SNAT`, match: [] },
    { table: 'filter', from: 'FORWARD', to: `${chain}-FORWARD`, match: [] },
    { table: 'filter', from: 'INPUT', to: `${chain}-INPUT`, match: [] },
  ];
}

const timeoutMs = 15_000;

export interface FirewallState {
  /** What our chains' names begin with: another for each home folder, so that two daemons do not undo each other's rules. */
  readonly chain: string;
  readonly networks: readonly NetworkRecord[];
  readonly endpoints: readonly EndpointRecord[];
}

/** Loads the rules. Cheap enough to do at each change: one process. */
export async function loadFirewall(state: FirewallState): Promise<void> {
  await runCommand('iptables-restore', ['--noflush', '--wait', '10'], {
    input: firewallRules(state),
    timeoutMs,
  });
}

/** Our chains are jumped to from the built-in ones. Done at the daemon's start; others (a firewall that is reloaded) may take them away. */
export async function ensureJumps(chain: string): Promise<void> {
  for (const { table, from, to, match } of jumpsOf(chain)) {
    const rule = [from, ...match, '-j', to];
    const known = await tryCommand('iptables', ['--wait', '10', '-t', table, '-C', ...rule], { timeoutMs });
    if (known.exitCode !== 0) await runCommand('iptables', ['--wait', '10', '-t', table, '-I', ...rule], { timeoutMs });
  }
}

/** Whether our chains are there, from an earlier daemon for instance. */
export async function hasFirewall(chain: string): Promise<boolean> {
  const found = await tryCommand('iptables', ['--wait', '10', '-t', 'nat', '-S', `${chain}-DNAT`], { timeoutMs });
  return found.exitCode === 0;
}

/** Takes everything of ours out again. Idempotent. */
export async function removeFirewall(chain: string): Promise<void> {
  for (const { table, from, to, match } of jumpsOf(chain))
    await tryCommand('iptables', ['--wait', '10', '-t', table, '-D', from, ...match, '-j', to], { timeoutMs });
  for (const { table, to } of jumpsOf(chain)) {
    await tryCommand('iptables', ['--wait', '10', '-t', table, '-F', to], { timeoutMs });
    await tryCommand('iptables', ['--wait', '10', '-t', table, '-X', to], { timeoutMs });
  }
}

/** Input of iptables-restore. A chain's declaration empties it, so the text is the whole state. */
export function firewallRules({ chain, networks, endpoints }: FirewallState): string {
  const bridged = networks.filter(({ driver }) => driver === 'nat');
  const byId = new Map(bridged.map((network) => [network.id, network]));
  const published = endpoints.flatMap((endpoint) => {
    const network = byId.get(endpoint.networkId);
    return network === undefined ? [] : endpoint.ports.map((port) => ({ network, endpoint, port }));
  });
  return [
    '*nat',
    `:${chain}-DNAT - [0:0]`,
    `:${chain}-SNAT - [0:0]`,
    // A bridge takes packets to 127.0.0.1 (the host's own come back over it); a guest that forges one must not reach what is published there.
    ...bridged.map(({ bridge }) => `-A ${chain}-DNAT -i ${bridge} -d 127.0.0.0/8 -j RETURN`),
    ...published.map((item) => `-A ${chain}-DNAT ${dnat(item)}`),
    ...published.map((item) => `-A ${chain}-SNAT ${hairpin(item)}`),
    ...bridged.flatMap(masquerade).map((rule) => `-A ${chain}-SNAT ${rule}`),
    'COMMIT',
    '*filter',
    `:${chain}-FORWARD - [0:0]`,
    `:${chain}-INPUT - [0:0]`,
    ...bridged.flatMap(guard).map((rule) => `-A ${chain}-FORWARD ${rule}`),
    ...bridged.map(({ bridge }) => `-A ${chain}-FORWARD -o ${bridge} ${established}`),
    ...published.map((item) => `-A ${chain}-FORWARD ${allow(item)}`),
    ...bridged.flatMap(forward).map((rule) => `-A ${chain}-FORWARD ${rule}`),
    ...bridged.flatMap(guard).map((rule) => `-A ${chain}-INPUT ${rule}`),
    ...bridged.flatMap(input).map((rule) => `-A ${chain}-INPUT ${rule}`),
    'COMMIT',
    '',
  ].join('\n');
}

interface Published {
  readonly network: NetworkRecord;
  readonly endpoint: EndpointRecord;
  readonly port: EndpointRecord['ports'][number];
}

function dnat({ endpoint, port }: Published): string {
  const destination = port.hostIp === '' || port.hostIp === '0.0.0.0' ? '' : `-d ${port.hostIp}/32 `;
  return `${destination}-p ${port.protocol} -m ${port.protocol} --dport ${String(port.hostPort)} -j DNAT --to-destination ${endpoint.address}:${String(port.containerPort)}`;
}

/** A caller in the same network that came over the host must get its answer over the host, not from a neighbour that it never called. */
function hairpin({ network, endpoint, port }: Published): string {
  return `-s ${network.subnet} -d ${endpoint.address}/32 -m conntrack --ctstate DNAT -p ${port.protocol} -m ${port.protocol} --dport ${String(port.containerPort)} -j MASQUERADE`;
}

function masquerade(network: NetworkRecord): string[] {
  const loopback = `-s 127.0.0.0/8 -o ${network.bridge} -j MASQUERADE`;
  return network.internal ? [loopback] : [loopback, `-s ${network.subnet} ! -o ${network.bridge} -j MASQUERADE`];
}

function allow({ network, endpoint, port }: Published): string {
  return `-d ${endpoint.address}/32 ! -i ${network.bridge} -o ${network.bridge} -p ${port.protocol} -m ${port.protocol} --dport ${String(port.containerPort)} -m conntrack --ctstate DNAT -j ACCEPT`;
}

const established = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT';

/** What no guest may send, whatever it answers to: packets with an address that is not its network's, and any to link-local services. */
function guard({ bridge, subnet }: NetworkRecord): string[] {
  return [`-i ${bridge} ! -s ${subnet} -j DROP`, `-i ${bridge} -d 169.254.0.0/16 -j DROP`];
}

/**
 * The answers of all networks are let through before the first of these: a network's own refusals must not cut the answers that it gives
 * to another one's question to a published port.
 */
function forward({ bridge, internal }: NetworkRecord): string[] {
  return [
    `-i ${bridge} -o ${bridge} -j ACCEPT`,
    // What comes from elsewhere, another network of ours included, and is neither published nor an answer.
    `-o ${bridge} -j DROP`,
    internal ? `-i ${bridge} -j DROP` : `-i ${bridge} -o wb+ -j DROP`,
    ...(internal ? [] : [`-i ${bridge} -j ACCEPT`]),
  ];
}

function input({ bridge, gateway }: NetworkRecord): string[] {
  return [
    `-i ${bridge} -d ${gateway}/32 -p udp -m udp --dport 53 -j ACCEPT`,
    `-i ${bridge} -d ${gateway}/32 -p tcp -m tcp --dport 53 -j ACCEPT`,
    `-i ${bridge} -d ${gateway}/32 -p icmp -j ACCEPT`,
    `-i ${bridge} ${established}`,
    `-i ${bridge} -j DROP`,
  ];
}
