import { randomBytes } from 'node:crypto';
import { WindowboxError } from '../errors/index.js';
import { createMutex, type Database } from '../platform/index.js';
import { allocateAddress, macOf } from './allocate-address.js';
import { ensureJumps, loadFirewall } from './firewall.js';
import { attachEndpoint, deleteNamespace, detachEndpoint, ensureBridge, removeBridge } from './links.js';
import { createNamespacePool, type NamespacePool } from './namespace-pool.js';
import { findNetwork, type NetworkWish, planNetwork } from './network-table.js';
import { createNetworkStore, type NetworkStore } from './network-store.js';
import { createPortHolder, type PortHolder } from './ports.js';
import { createResolver, type Resolver } from './resolver.js';
import { resolverView } from './resolver-view.js';
import type { EndpointRecord, EndpointRequest, NetworkRecord, PortRequest, PublishedPort } from './types.js';

/** A container that is about to start, as the networks see it. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  /** The first one is the way to the world, and publishes the ports. */
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

export interface NetworkManager {
  networks(): readonly NetworkRecord[];
  endpoints(): readonly EndpointRecord[];
  /** @throws WindowboxError `not-found` "network x not found". */
  find(ref: string): NetworkRecord;
  create(wish: NetworkWish): Promise<NetworkRecord>;
  /** @throws WindowboxError `permission-denied` for a built-in one, `conflict` while containers are in it. */
  remove(ref: string): Promise<void>;

  /** A namespace with every interface, address, route and published port. After an error nothing is left of it. */
  connect(client: Client): Promise<Connection>;
  /** Everything of a container; idempotent. */
  disconnect(containerId: string): Promise<void>;
  /** One more network for a container that runs. */
  join(client: Omit<Client, 'ports' | 'endpoints'>, request: EndpointRequest): Promise<EndpointRecord>;
  /** @throws WindowboxError `not-found` when the container is not in it. */
  leave(containerId: string, ref: string): Promise<void>;

  /** After a start of the daemon: what running containers have stays, what others left goes. */
  restore(running: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

export interface NetworkOptions {
  readonly database: Database;
  /** What the names of our firewall chains begin with; at most 19 characters. */
  readonly chain: string;
  /** Folder for namespaces; gone after a reboot. */
  readonly folder: string;
}

interface State {
  readonly store: NetworkStore;
  readonly ports: PortHolder;
  readonly resolver: Resolver;
  readonly pool: NamespacePool;
  /** By container id. */
  readonly namespaces: Map<string, string>;
  readonly chain: string;
  /** Bridges that are up since this daemon started. */
  readonly up: Set<string>;
}

/** All changes happen one after the other: the firewall is loaded as a whole. */
export async function makeNetworkManager(options: NetworkOptions): Promise<NetworkManager> {
  const store = createNetworkStore(options.database);
  const state: State = {
    store,
    ports: createPortHolder(),
    resolver: createResolver(resolverView(store)),
    pool: createNamespacePool(options.folder),
    namespaces: new Map(store.namespaces()),
    chain: options.chain,
    up: new Set(),
  };
  const mutex = createMutex();
  await addBuiltIn(store);
  return {
    networks: () => store.networks(),
    endpoints: () => store.endpoints(),
    find: (ref) => findNetwork(store, ref),
    create: async (wish) =>
      mutex.run(async () => {
        const network = await planNetwork(store, wish);
        store.saveNetwork(network);
        return network;
      }),
    remove: async (ref) => mutex.run(async () => removeNetwork(state, ref)),
    connect: async (client) => mutex.run(async () => connect(state, client)),
    disconnect: async (containerId) => mutex.run(async () => disconnect(state, containerId)),
    join: async (client, request) => mutex.run(async () => join(state, client, request)),
    leave: async (containerId, ref) => mutex.run(async () => leave(state, containerId, ref)),
    restore: async (running) => mutex.run(async () => restore(state, running)),
    close: async () => {
      state.resolver.close();
      state.ports.close();
      await state.pool.close();
    },
  };
}

async function addBuiltIn(store: NetworkStore): Promise<void> {
  const names = new Set(store.networks().map(({ name }) => name));
  const wish = {
    driver: '',
    subnet: '',
    gateway: '',
    range: '',
    internal: false,
    attachable: false,
    ipv6: false,
    labels: {},
    options: {},
  };
  if (!names.has('nat')) store.saveNetwork(await planNetwork(store, { ...wish, name: 'nat' }, true));
  if (names.has('none')) return;
  const id = randomBytes(32).toString('hex');
  const nothing = {
    subnet: '',
    gateway: '',
    range: '',
    internal: false,
    attachable: false,
    labels: {},
    options: {},
    bridge: '',
  };
  store.saveNetwork({ id, name: 'none', driver: 'null', createdAt: Date.now(), builtIn: true, ...nothing });
}

async function removeNetwork(state: State, ref: string): Promise<void> {
  const network = findNetwork(state.store, ref);
  if (network.builtIn)
    throw new WindowboxError('permission-denied', `${network.name} is a pre-defined network and cannot be removed`);
  const members = state.store.endpoints().filter(({ networkId }) => networkId === network.id);
  if (members.length > 0) {
    const names = members.map(({ containerName, id }) => `name:"${containerName}" id:"${id.slice(0, 12)}"`).join(', ');
    throw new WindowboxError(
      'permission-denied',
      `error while removing network: network ${network.name} has active endpoints (${names})`,
    );
  }
  state.store.deleteNetwork(network.id);
  state.resolver.unlisten(network.gateway);
  if (state.up.delete(network.id)) await reload(state);
  await removeBridge(network);
}

async function connect(state: State, client: Client): Promise<Connection> {
  await disconnect(state, client.id);
  const wanted = client.endpoints.map((request) => ({ request, network: findNetwork(state.store, request.network) }));
  for (const { network } of wanted) await bringUp(state, network);
  const ports = await takePorts(state, client.ports);
  const namespace = await state.pool.take();
  state.namespaces.set(client.id, namespace);
  try {
    const endpoints: { network: NetworkRecord; endpoint: EndpointRecord }[] = [];
    for (const [index, { request, network }] of wanted.entries()) {
      const endpoint = makeEndpoint(state, { client, request, network, index, ports: index === 0 ? ports : [] });
      state.store.saveEndpoints([endpoint]);
      await attachEndpoint({ network, endpoint, namespace, isDefault: index === 0 });
      endpoints.push({ network, endpoint });
    }
    state.store.saveNamespace(client.id, namespace);
    if (ports.length > 0) await reload(state);
    return { namespace, endpoints };
  } catch (error) {
    for (const port of ports) state.ports.give(port);
    await disconnect(state, client.id);
    throw error;
  }
}

async function disconnect(state: State, containerId: string): Promise<void> {
  const endpoints = state.store.endpoints().filter((endpoint) => endpoint.containerId === containerId);
  const namespace = state.namespaces.get(containerId);
  if (endpoints.length === 0 && namespace === undefined) return;
  const ports = endpoints.flatMap((endpoint) => endpoint.ports);
  state.store.deleteEndpoints(endpoints.map(({ id }) => id));
  state.store.deleteNamespace(containerId);
  state.namespaces.delete(containerId);
  if (ports.length > 0) await reload(state);
  for (const port of ports) state.ports.give(port);
  for (const endpoint of endpoints) await detachEndpoint(endpoint);
  if (namespace !== undefined) await deleteNamespace(namespace);
}

async function join(
  state: State,
  client: Omit<Client, 'ports' | 'endpoints'>,
  request: EndpointRequest,
): Promise<EndpointRecord> {
  const network = findNetwork(state.store, request.network);
  const own = state.store.endpoints().filter(({ containerId }) => containerId === client.id);
  if (own.some(({ networkId }) => networkId === network.id))
    throw new WindowboxError(
      'permission-denied',
      `endpoint with name ${client.name} already exists in network ${network.name}`,
    );
  const namespace = state.namespaces.get(client.id);
  if (namespace === undefined) throw new WindowboxError('conflict', `Container ${client.id} is not running`);
  await bringUp(state, network);
  const endpoint = makeEndpoint(state, { client, request, network, index: freeIndex(own), ports: [] });
  await attachEndpoint({ network, endpoint, namespace, isDefault: own.length === 0 });
  state.store.saveEndpoints([endpoint]);
  return endpoint;
}

async function leave(state: State, containerId: string, ref: string): Promise<void> {
  const network = findNetwork(state.store, ref);
  const endpoint = state.store
    .endpoints()
    .find((candidate) => candidate.containerId === containerId && candidate.networkId === network.id);
  if (endpoint === undefined)
    throw new WindowboxError('not-found', `container ${containerId} is not connected to network ${network.name}`);
  state.store.deleteEndpoints([endpoint.id]);
  if (endpoint.ports.length > 0) await reload(state);
  for (const port of endpoint.ports) state.ports.give(port);
  await detachEndpoint(endpoint);
}

async function restore(state: State, running: ReadonlySet<string>): Promise<void> {
  for (const containerId of new Set([
    ...state.namespaces.keys(),
    ...state.store.endpoints().map((endpoint) => endpoint.containerId),
  ]))
    if (!running.has(containerId)) await disconnect(state, containerId);
  for (const endpoint of state.store.endpoints()) for (const port of endpoint.ports) await state.ports.retake(port);
  const used = new Set(state.store.endpoints().map(({ networkId }) => networkId));
  for (const network of state.store.networks()) if (used.has(network.id)) await bringUp(state, network);
}

/** A bridge, its rules and its resolver are made when the first container needs them, not at the daemon's start. */
async function bringUp(state: State, network: NetworkRecord): Promise<void> {
  if (network.driver === 'null' || state.up.has(network.id)) return;
  await ensureBridge(network);
  const isFirst = state.up.size === 0;
  state.up.add(network.id);
  await reload(state);
  if (isFirst) await ensureJumps(state.chain);
  await state.resolver.listen(network.gateway);
}

async function reload(state: State): Promise<void> {
  const up = state.store.networks().filter(({ id }) => state.up.has(id));
  await loadFirewall({ chain: state.chain, networks: up, endpoints: state.store.endpoints() });
}

async function takePorts(state: State, requests: readonly PortRequest[]): Promise<PublishedPort[]> {
  const taken: PublishedPort[] = [];
  try {
    for (const request of requests) taken.push(await state.ports.take(request));
    return taken;
  } catch (error) {
    for (const port of taken) state.ports.give(port);
    throw error;
  }
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
  const taken = new Set(
    state.store
      .endpoints()
      .filter(({ networkId }) => networkId === network.id)
      .map(({ address }) => address),
  );
  const address = allocateAddress(network, taken, request.address);
  return {
    id: randomBytes(32).toString('hex'),
    networkId: network.id,
    containerId: client.id,
    containerName: client.name,
    hostname: client.hostname,
    interfaceName: `eth${String(about.index)}`,
    address,
    macAddress: request.macAddress === '' ? macOf(address) : request.macAddress,
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
