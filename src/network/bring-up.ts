import { findGoneOwners } from '../platform/index.js';
import { chooseSubnet, isRouted } from './choose-subnet.js';
import { ensureJumps, familiesOf, loadFirewall, removeFirewall } from './firewall.js';
import type { Family } from './firewall-rules.js';
import { forgetFlows } from './forget-flows.js';
import { formatAddress, parseSubnet } from './ipv4.js';
import { bridgesOf, ensureBridge, removeBridge } from './links.js';
import type { State } from './network-state.js';
import type { NetworkRecord, PublishedPort } from './types.js';

/**
 * A bridge, its rules and its resolver are made when the first container needs them, not at the daemon's start. Answers the network as it is
 * then: a subnet of our own choice is chosen again when the host has got a route to it meanwhile (another engine, a VPN).
 */
export async function bringUp(state: State, wanted: NetworkRecord): Promise<NetworkRecord> {
  if (wanted.driver === 'null' || state.up.has(wanted.id)) return wanted;
  const network = await freeOfRoutes(state, wanted);
  const before = upOf(state);
  await ensureBridge(network, state.chain);
  state.up.add(network.id);
  try {
    await reloadFirewall(state);
    const known = before.length === 0 ? [] : familiesOf(before);
    for (const family of familiesOf([network])) if (!known.includes(family)) await ensureJumps(state.chain, family);
    await state.resolver.listen(network.gateway);
  } catch (error) {
    await takeDown(state, network);
    throw error;
  }
  return network;
}

/** Idempotent. */
export async function takeDown(state: State, network: NetworkRecord): Promise<void> {
  if (network.driver === 'null') return;
  state.resolver.unlisten(network.gateway);
  await removeBridge(network.bridge);
  if (!state.up.delete(network.id)) return;
  if (state.up.size > 0) await reloadFirewall(state);
  await removeUnused(state, familiesOf([network]));
}

async function reloadFirewall(state: State): Promise<void> {
  await loadFirewall({ chain: state.chain, networks: upOf(state), endpoints: state.store.endpoints() });
}

/** To be called when these ports have been published, or taken back. */
export async function applyPorts(state: State, ports: readonly PublishedPort[]): Promise<void> {
  if (ports.length === 0) return;
  await reloadFirewall(state);
  await forgetFlows(ports);
}

/** What a daemon that died left: bridges, namespaces and rules that nobody uses. To be called only when what is used is up. */
export async function sweepLeftovers(state: State): Promise<void> {
  const known = new Set(upOf(state).map(({ bridge }) => bridge));
  for (const bridge of await bridgesOf(state.chain)) if (!known.has(bridge)) await removeBridge(bridge);
  await state.pool.sweep(new Set(state.namespaces.values()));
  await removeUnused(state, [4, 6]);
}

/** What daemons of other homes left that are gone. Where a container still runs, or the daemon does, everything stays. */
export async function sweepGoneOwners(): Promise<void> {
  for (const { owner, bridges } of await findGoneOwners()) {
    for (const bridge of bridges) await removeBridge(bridge);
    await removeFirewall(owner);
  }
}

/** The rules of those families that no network needs any more. */
async function removeUnused(state: State, families: readonly Family[]): Promise<void> {
  const networks = upOf(state);
  const needed = networks.length === 0 ? [] : familiesOf(networks);
  await removeFirewall(
    state.chain,
    families.filter((family) => !needed.includes(family)),
  );
}

function upOf(state: State): readonly NetworkRecord[] {
  return state.store.networks().filter(({ id }) => state.up.has(id));
}

async function freeOfRoutes(state: State, network: NetworkRecord): Promise<NetworkRecord> {
  const isUsed = state.store.endpoints().some(({ networkId }) => networkId === network.id);
  if (network.isChosen !== true || isUsed || !(await isRouted(parseSubnet(network.subnet), network.bridge)))
    return network;
  const others = state.store.networks().filter(({ id, subnet }) => id !== network.id && subnet !== '');
  const subnet = await chooseSubnet(others.map((other) => parseSubnet(other.subnet)));
  const moved = { ...network, subnet, gateway: formatAddress(parseSubnet(subnet).base + 1) };
  state.store.saveNetwork(moved);
  return moved;
}
