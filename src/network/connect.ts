import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { WindowboxError } from '../errors/index.js';
import { allocateAddress, allocateAddress6, macOf } from './allocate-address.js';
import { applyPorts, bringUp } from './bring-up.js';
import { attachEndpoint, deleteNamespace, detachEndpoint, routeThrough } from './links.js';
import type { State } from './network-state.js';
import { findNetwork } from './network-table.js';
import type { EndpointRecord, EndpointRequest, NetworkRecord, PortRequest, PublishedPort } from './types.js';

/** A container that is about to start, as the networks see it. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  /** The first one that is not internal is the way to the world, and publishes the ports. */
  readonly endpoints: readonly EndpointRequest[];
  readonly ports: readonly PortRequest[];
  /** Name servers instead of the host's. */
  readonly dns: readonly string[];
}

export interface Connection {
  /** File of the network namespace. */
  readonly namespace: string;
  readonly endpoints: readonly { readonly network: NetworkRecord; readonly endpoint: EndpointRecord }[];
}

/** In the namespace that was lent to where the container will be, or in a new one. */
export async function connect(state: State, client: Client, lent?: string): Promise<Connection> {
  await disconnect(state, client.id);
  const wanted: { readonly request: EndpointRequest; readonly network: NetworkRecord }[] = [];
  for (const request of client.endpoints)
    wanted.push({ request, network: await bringUp(state, findNetwork(state.store, request.network)) });
  const gateway = wanted.findIndex(({ network }) => !network.internal);
  const publisher = Math.max(gateway, 0);
  const ports = await takePorts(state, client.ports, wanted[publisher]?.network);
  try {
    const namespace = lent === undefined ? await state.pool.take() : state.pool.claim(lent);
    state.namespaces.set(client.id, namespace);
    state.store.saveNamespace(client.id, namespace);
    const endpoints: Connection['endpoints'][number][] = [];
    for (const [index, { request, network }] of wanted.entries()) {
      const endpoint = makeEndpoint(state, {
        client,
        request,
        network,
        index,
        ports: index === publisher ? ports : [],
      });
      state.store.saveEndpoints([endpoint]);
      await attachEndpoint({ network, endpoint, namespace, isDefault: index === gateway });
      endpoints.push({ network, endpoint });
    }
    await applyPorts(state, ports);
    for (const { endpoint } of endpoints) leadCallers(state, endpoint);
    return { namespace, endpoints };
  } catch (error) {
    for (const port of ports) state.ports.give(port);
    await disconnect(state, client.id);
    throw error;
  }
}

export async function disconnect(state: State, containerId: string): Promise<void> {
  const endpoints = endpointsOf(state, containerId);
  const namespace = state.namespaces.get(containerId);
  if (endpoints.length === 0 && namespace === undefined) return;
  const ports = endpoints.flatMap((endpoint) => endpoint.ports);
  state.store.deleteEndpoints(endpoints.map(({ id }) => id));
  state.store.deleteNamespace(containerId);
  state.namespaces.delete(containerId);
  await applyPorts(state, ports);
  for (const port of ports) state.ports.give(port);
  for (const endpoint of endpoints) await detachEndpoint(endpoint);
  if (namespace !== undefined) await deleteNamespace(namespace);
}

export async function join(
  state: State,
  client: Omit<Client, 'ports' | 'endpoints'>,
  request: EndpointRequest,
): Promise<Connection['endpoints'][number]> {
  const found = findNetwork(state.store, request.network);
  const own = endpointsOf(state, client.id);
  if (own.some(({ networkId }) => networkId === found.id))
    throw new WindowboxError(
      'permission-denied',
      `endpoint with name ${client.name} already exists in network ${found.name}`,
    );
  const namespace = state.namespaces.get(client.id);
  if (namespace === undefined) throw new WindowboxError('conflict', `Container ${client.id} is not running`);
  const network = await bringUp(state, found);
  const endpoint = makeEndpoint(state, { client, request, network, index: freeIndex(own), ports: [] });
  const hasGateway = own.some(({ networkId }) => !findNetwork(state.store, networkId).internal);
  state.store.saveEndpoints([endpoint]);
  try {
    await attachEndpoint({ network, endpoint, namespace, isDefault: !hasGateway });
  } catch (error) {
    state.store.deleteEndpoints([endpoint.id]);
    await detachEndpoint(endpoint);
    throw error;
  }
  return { network, endpoint };
}

/** The way to the world, when it led through this network, leads through another one from now on. */
export async function leave(state: State, containerId: string, ref: string): Promise<void> {
  const network = findNetwork(state.store, ref);
  const endpoint = endpointsOf(state, containerId).find(({ networkId }) => networkId === network.id);
  if (endpoint === undefined)
    throw new WindowboxError('not-found', `container ${containerId} is not connected to network ${network.name}`);
  state.store.deleteEndpoints([endpoint.id]);
  await applyPorts(state, endpoint.ports);
  for (const port of endpoint.ports) state.ports.give(port);
  await detachEndpoint(endpoint);
  const namespace = state.namespaces.get(containerId);
  const next = endpointsOf(state, containerId)
    .map((other) => ({ endpoint: other, network: findNetwork(state.store, other.networkId) }))
    .find((other) => !other.network.internal);
  if (namespace !== undefined && next !== undefined) await routeThrough({ ...next, namespace });
}

/** In the order of its interfaces. */
export function current(state: State, containerId: string): Connection | undefined {
  const namespace = state.namespaces.get(containerId);
  if (namespace === undefined) return undefined;
  const endpoints = endpointsOf(state, containerId)
    .toSorted((one, other) => one.interfaceName.localeCompare(other.interfaceName))
    .map((endpoint) => ({ endpoint, network: findNetwork(state.store, endpoint.networkId) }));
  return { namespace, endpoints };
}

/** Its name in DNS, from now on. */
export function rename(state: State, containerId: string, name: string): void {
  state.store.saveEndpoints(endpointsOf(state, containerId).map((endpoint) => ({ ...endpoint, containerName: name })));
}

function endpointsOf(state: State, containerId: string): readonly EndpointRecord[] {
  return state.store.endpoints().filter((endpoint) => endpoint.containerId === containerId);
}

/** Those of the host's own `::1`, whom the firewall cannot redirect. */
export function leadCallers(state: State, { address6, ports }: EndpointRecord): void {
  if (address6 !== undefined) for (const port of ports) if (isIPv6(port.hostIp)) state.ports.lead(port, address6);
}

async function takePorts(
  state: State,
  requests: readonly PortRequest[],
  network: NetworkRecord | undefined,
): Promise<PublishedPort[]> {
  const taken: PublishedPort[] = [];
  try {
    for (const request of requests) taken.push(...(await state.ports.take(request, hostAddresses(request, network))));
    return taken;
  } catch (error) {
    for (const port of taken) state.ports.give(port);
    throw error;
  }
}

/** @throws WindowboxError `invalid-argument` for an address of IPv6 with a network that has none. */
function hostAddresses({ hostIp }: PortRequest, network: NetworkRecord | undefined): readonly string[] {
  if (hostIp === '') return network?.ipv6 === undefined ? ['0.0.0.0'] : ['0.0.0.0', '::'];
  if (isIPv6(hostIp) && network?.ipv6 === undefined)
    throw new WindowboxError(
      'invalid-argument',
      `invalid host IP ${hostIp}: network ${network?.name ?? ''} has no IPv6`,
      {
        hint: 'Make a network with "network create --ipv6", and name it with --network.',
      },
    );
  return [hostIp];
}

function makeEndpoint(
  state: State,
  about: {
    readonly client: Omit<Client, 'ports' | 'endpoints'>;
    readonly request: EndpointRequest;
    readonly network: NetworkRecord;
    readonly index: number;
    readonly ports: readonly PublishedPort[];
  },
): EndpointRecord {
  const { client, request, network } = about;
  const others = state.store.endpoints().filter(({ networkId }) => networkId === network.id);
  const taken = new Set(others.flatMap((other) => [other.address, other.address6 ?? '']));
  if (!/^$|^(?:[\da-f]{2}[:-]){5}[\da-f]{2}$/iu.test(request.macAddress))
    throw new WindowboxError('invalid-argument', `invalid MAC address: ${request.macAddress}`);
  const address = allocateAddress(network, taken, request.address);
  const address6 = allocateAddress6(network, taken, request.address6);
  return {
    id: randomBytes(32).toString('hex'),
    networkId: network.id,
    containerId: client.id,
    containerName: client.name,
    hostname: client.hostname,
    interfaceName: `eth${String(about.index)}`,
    address,
    ...(address6 === undefined ? {} : { address6 }),
    macAddress: request.macAddress === '' ? macOf(address) : request.macAddress.replaceAll('-', ':'),
    aliases: request.aliases,
    ports: about.ports,
    dns: client.dns,
  };
}

function freeIndex(own: readonly EndpointRecord[]): number {
  const names = new Set(own.map(({ interfaceName }) => interfaceName));
  let index = 0;
  while (names.has(`eth${String(index)}`)) index += 1;
  return index;
}
