import { isIPv6 } from 'node:net';
import { type HostPorts, parseHostPorts } from './host-ports.js';
import type { EndpointRecord, NetworkRecord, PublishedPort } from './types.js';

/** IPv4 and IPv6: the kernel has a firewall for each. */
export type Family = 4 | 6;

export interface FirewallState {
  /** What our chains' names begin with: another for each home folder, so that two daemons do not undo each other's rules. */
  readonly chain: string;
  readonly networks: readonly NetworkRecord[];
  readonly endpoints: readonly EndpointRecord[];
}

/** A network as one family sees it. */
interface Network {
  readonly bridge: string;
  readonly internal: boolean;
  readonly subnet: string;
  readonly gateway: string;
  readonly hostPorts: readonly HostPorts[];
}

interface Published {
  readonly network: Network;
  readonly address: string;
  readonly port: PublishedPort;
}

interface Words {
  readonly single: string;
  readonly everywhere: string;
  /** What the kernel can redirect of it: nothing of `::1`, which our own socket serves. */
  readonly loopback: string | undefined;
  /** Where clouds keep their secrets: link-local addresses, and those of IPv6 that Amazon and Google use. */
  readonly secrets: readonly string[];
  /** What of the gateway may be asked besides names. */
  readonly ping: string;
}

const words: Readonly<Record<Family, Words>> = {
  4: {
    single: '/32',
    everywhere: '0.0.0.0',
    loopback: '127.0.0.0/8',
    secrets: ['169.254.0.0/16'],
    ping: '-p icmp -m icmp --icmp-type 8',
  },
  6: {
    single: '/128',
    everywhere: '::',
    loopback: undefined,
    secrets: ['fe80::/10', 'fd00:ec2::254/128', 'fd20:ce::254/128'],
    ping: '-p ipv6-icmp -m icmp6 --icmpv6-type 128',
  },
};

/**
 * Input of iptables-restore or ip6tables-restore. A chain's declaration empties it, so the text is the whole state.
 *
 * What holds: containers of different networks do not reach each other; of the host a container reaches the resolver of its network,
 * what is published, and the ports that the network's option opens, nothing else; link-local addresses (169.254.0.0/16, where clouds keep their secrets) are out of reach.
 */
export function firewallRules({ chain, networks, endpoints }: FirewallState, family: Family): string {
  const bridged = networks.flatMap((network) => familyOf(network, family) ?? []);
  const published = publishedOf(networks, endpoints, family);
  const of = words[family];
  return [
    '*nat',
    `:${chain}-DNAT - [0:0]`,
    `:${chain}-SNAT - [0:0]`,
    // A bridge takes packets to 127.0.0.1 (the host's own come back over it); a guest that forges one must not reach what is published there.
    ...(of.loopback === undefined
      ? [`-A ${chain}-DNAT -d ::1/128 -j RETURN`]
      : bridged.map(({ bridge }) => `-A ${chain}-DNAT -i ${bridge} -d ${String(of.loopback)} -j RETURN`)),
    ...published.map((item) => `-A ${chain}-DNAT ${dnat(item, of)}`),
    ...published.map((item) => `-A ${chain}-SNAT ${hairpin(item, of)}`),
    ...bridged.flatMap((network) => masquerade(network, of)).map((rule) => `-A ${chain}-SNAT ${rule}`),
    'COMMIT',
    '*filter',
    `:${chain}-FORWARD - [0:0]`,
    `:${chain}-INPUT - [0:0]`,
    ...neighbours(bridged, family).map((rule) => `-A ${chain}-FORWARD ${rule}`),
    ...bridged.flatMap((network) => guard(network, of)).map((rule) => `-A ${chain}-FORWARD ${rule}`),
    ...bridged.map(({ bridge }) => `-A ${chain}-FORWARD -o ${bridge} ${established}`),
    ...published.map((item) => `-A ${chain}-FORWARD ${allow(item, of)}`),
    ...bridged.flatMap(forward).map((rule) => `-A ${chain}-FORWARD ${rule}`),
    ...solicitations(bridged, family).map((rule) => `-A ${chain}-INPUT ${rule}`),
    ...bridged.flatMap((network) => guard(network, of)).map((rule) => `-A ${chain}-INPUT ${rule}`),
    ...bridged.flatMap((network) => input(network, of)).map((rule) => `-A ${chain}-INPUT ${rule}`),
    'COMMIT',
    '',
  ].join('\n');
}

/** Undefined for a network that has nothing of this family. */
export function familyOf(network: NetworkRecord, family: Family): Network | undefined {
  const { driver, bridge, internal, ipv6, options } = network;
  if (driver !== 'nat') return undefined;
  const addresses = family === 4 ? network : ipv6;
  const hostPorts = parseHostPorts(options);
  return addresses && { bridge, internal, subnet: addresses.subnet, gateway: addresses.gateway, hostPorts };
}

function publishedOf(
  networks: readonly NetworkRecord[],
  endpoints: readonly EndpointRecord[],
  family: Family,
): readonly Published[] {
  const byId = new Map(networks.map((network) => [network.id, familyOf(network, family)]));
  return endpoints.flatMap(({ networkId, ports, ...endpoint }) => {
    const network = byId.get(networkId);
    const address = family === 4 ? endpoint.address : endpoint.address6;
    if (network === undefined || address === undefined) return [];
    return ports.filter(({ hostIp }) => isIPv6(hostIp) === (family === 6)).map((port) => ({ network, address, port }));
  });
}

function dnat({ address, port }: Published, { single, everywhere }: Words): string {
  const destination = port.hostIp === '' || port.hostIp === everywhere ? '' : `-d ${port.hostIp}${single} `;
  const target = isIPv6(address) ? `[${address}]` : address;
  return `${destination}-p ${port.protocol} -m ${port.protocol} --dport ${String(port.hostPort)} -j DNAT --to-destination ${target}:${String(port.containerPort)}`;
}

/** A caller in the same network that came over the host must get its answer over the host, not from a neighbour that it never called. */
function hairpin({ network, address, port }: Published, { single }: Words): string {
  return `-s ${network.subnet} -d ${address}${single} -m conntrack --ctstate DNAT -p ${port.protocol} -m ${port.protocol} --dport ${String(port.containerPort)} -j MASQUERADE`;
}

function masquerade(network: Network, { loopback }: Words): string[] {
  const own = loopback === undefined ? [] : [`-s ${loopback} -o ${network.bridge} -j MASQUERADE`];
  return network.internal ? own : [...own, `-s ${network.subnet} ! -o ${network.bridge} -j MASQUERADE`];
}

function allow({ network, address, port }: Published, { single }: Words): string {
  return `-d ${address}${single} ! -i ${network.bridge} -o ${network.bridge} -p ${port.protocol} -m ${port.protocol} --dport ${String(port.containerPort)} -m conntrack --ctstate DNAT -j ACCEPT`;
}

const established = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT';

/** Where bridges send what they carry through here, neighbours of IPv6 must find each other: they ask with addresses that are no subnet's. */
function neighbours(networks: readonly Network[], family: Family): string[] {
  return family === 4 ? [] : networks.map(({ bridge }) => `-i ${bridge} -o ${bridge} -p ipv6-icmp -j ACCEPT`);
}

/** Who asks for the gateway's hardware address, or answers where a guest is. */
function solicitations(networks: readonly Network[], family: Family): string[] {
  if (family === 4) return [];
  return networks.flatMap(({ bridge }) =>
    [135, 136].map((type) => `-i ${bridge} -p ipv6-icmp -m icmp6 --icmpv6-type ${String(type)} -j ACCEPT`),
  );
}

/** What no guest may send, whatever it answers to: packets with an address that is not its network's, and any to link-local services. */
function guard({ bridge, subnet }: Network, { secrets }: Words): string[] {
  return [`-i ${bridge} ! -s ${subnet} -j DROP`, ...secrets.map((secret) => `-i ${bridge} -d ${secret} -j DROP`)];
}

/**
 * The answers of all networks are let through before the first of these: a network's own refusals must not cut the answers that it gives
 * to another one's question to a published port.
 */
function forward({ bridge, internal }: Network): string[] {
  return [
    `-i ${bridge} -o ${bridge} -j ACCEPT`,
    // What comes from elsewhere, another network of ours included, and is neither published nor an answer.
    `-o ${bridge} -j DROP`,
    internal ? `-i ${bridge} -j DROP` : `-i ${bridge} -o wb+ -j DROP`,
    ...(internal ? [] : [`-i ${bridge} -j ACCEPT`]),
  ];
}

function input({ bridge, gateway, hostPorts }: Network, { single, ping }: Words): string[] {
  return [
    ...hostPorts.map(
      ({ protocol, from, to }) =>
        `-i ${bridge} -d ${gateway}${single} -p ${protocol} -m ${protocol} --dport ${String(from)}:${String(to)} -j ACCEPT`,
    ),
    `-i ${bridge} -d ${gateway}${single} -p udp -m udp --dport 53 -j ACCEPT`,
    `-i ${bridge} -d ${gateway}${single} -p tcp -m tcp --dport 53 -j ACCEPT`,
    `-i ${bridge} -d ${gateway}${single} ${ping} -j ACCEPT`,
    `-i ${bridge} ${established}`,
    `-i ${bridge} -j DROP`,
  ];
}
