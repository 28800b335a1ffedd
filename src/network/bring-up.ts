import { chooseSubnet, isRouted } from './choose-subnet.js';
import { ensureJumps, hasFirewall, loadFirewall, removeFirewall } from './firewall.js';
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
  const isFirst = state.up.size === 0;
  await ensureBridge(network, state.chain);
  state.up.add(network.id);
  try {
    await reloadFirewall(state);
    if (isFirst) await ensureJumps(state.chain);
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
  if (state.up.size === 0) await removeFirewall(state.chain);
  else await reloadFirewall(state);
}

async function reloadFirewall(state: State): Promise<void> {
  const up = state.store.networks().filter(({ id }) => state.up.has(id));
  await loadFirewall({ chain: state.chain, networks: up, endpoints: state.store.endpoints() });
}

/** To be called when these ports have been published, or taken back. */
export async function applyPorts(state: State, ports: readonly PublishedPort[]): Promise<void> {
  if (ports.length === 0) return;
  await reloadFirewall(state);
  await forgetFlows(ports);
}

/** What a daemon that died left: bridges, namespaces and rules that nobody uses. To be called only when what is used is up. */
export async function sweepLeftovers(state: State): Promise<void> {
  const known = new Set(
    state.store
      .networks()
      .filter(({ id }) => state.up.has(id))
      .map(({ bridge }) => bridge),
  );
  for (const bridge of await bridgesOf(state.chain)) if (!known.has(bridge)) await removeBridge(bridge);
  await state.pool.sweep(new Set(state.namespaces.values()));
  if (state.up.size === 0 && (await hasFirewall(state.chain))) await removeFirewall(state.chain);
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
