import { randomBytes } from 'node:crypto';
import { WindowboxError } from '../errors/index.js';
import { createMutex, type Database } from '../platform/index.js';
import { bringUp, sweepGoneOwners, sweepLeftovers, takeDown } from './bring-up.js';
import {
  type Client,
  connect,
  type Connection,
  current,
  disconnect,
  join,
  leadCallers,
  leave,
  rename,
} from './connect.js';
import { endpointTraffic, type EndpointTraffic } from './endpoint-traffic.js';
import { createNamespacePool } from './namespace-pool.js';
import type { State } from './network-state.js';
import { createNetworkStore, type NetworkStore } from './network-store.js';
import { findNetwork, type NetworkWish, planNetwork } from './network-table.js';
import { createPortHolder } from './ports.js';
import { createResolver } from './resolver.js';
import { resolverView } from './resolver-view.js';
import type { EndpointRecord, EndpointRequest, NetworkRecord } from './types.js';

export interface NetworkManager {
  networks(): readonly NetworkRecord[];
  endpoints(): readonly EndpointRecord[];
  /** @throws WindowboxError `not-found` "network x not found". */
  find(ref: string): NetworkRecord;
  create(wish: NetworkWish): Promise<NetworkRecord>;
  /** @throws WindowboxError `permission-denied` for a built-in one, `conflict` while containers are in it. */
  remove(ref: string): Promise<void>;

  readonly namespaces: {
    /** One for a sandbox whose container is not known yet: to be named in its `connect`, or given back. */
    lend(): Promise<string>;
    /** Removes one that was lent and that no container was connected in. Idempotent. */
    giveBack(path: string): Promise<void>;
  };
  /** A namespace, `lent` or a new one, with every interface, address, route and published port. After an error nothing is left of it. */
  connect(client: Client, lent?: string): Promise<Connection>;
  /** Everything of a container; idempotent. */
  disconnect(containerId: string): Promise<void>;
  /** One more network for a container that runs. */
  join(client: Omit<Client, 'ports' | 'endpoints'>, request: EndpointRequest): Promise<Connection['endpoints'][number]>;
  /** @throws WindowboxError `not-found` when the container is not in it. */
  leave(containerId: string, ref: string): Promise<void>;
  /** By endpoint id. */
  traffic(containerId: string): Promise<ReadonlyMap<string, EndpointTraffic>>;
  /** Where a container is now; undefined when it is nowhere. */
  current(containerId: string): Connection | undefined;
  /** The container answers to another name. */
  rename(containerId: string, name: string): void;

  /** After a start of the daemon: what running containers have stays, what others left goes. */
  restore(running: ReadonlySet<string>): Promise<void>;
  /** Removes bridges, namespaces and rules of ours that no container uses: of a daemon that died, of a removal that failed, of a home that is gone. */
  sweep(): Promise<void>;
  /** Containers that run keep what they have; without any, nothing of ours is left on the host. */
  close(): Promise<void>;
}

export interface NetworkOptions {
  readonly database: Database;
  /** What the names of our firewall chains begin with; at most 19 characters. */
  readonly chain: string;
  /** Folder for namespaces; gone after a reboot. */
  readonly folder: string;
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
    namespaces: { lend: async () => state.pool.lend(), giveBack: async (path) => state.pool.giveBack(path) },
    connect: async (client, lent) => mutex.run(async () => connect(state, client, lent)),
    disconnect: async (containerId) => mutex.run(async () => disconnect(state, containerId)),
    join: async (client, request) => mutex.run(async () => join(state, client, request)),
    leave: async (containerId, ref) => mutex.run(async () => leave(state, containerId, ref)),
    traffic: async (containerId) => trafficOf(store, containerId),
    current: (containerId) => current(state, containerId),
    rename: (containerId, name) => rename(state, containerId, name),
    restore: async (running) => mutex.run(async () => restore(state, running)),
    sweep: async () =>
      mutex.run(async () => {
        await sweepLeftovers(state);
        await sweepGoneOwners();
      }),
    close: async () => {
      await mutex.run(async () => clearUp(state));
      state.resolver.close();
      state.ports.close();
      await state.pool.close();
    },
  };
}

async function trafficOf(store: NetworkStore, containerId: string): Promise<ReadonlyMap<string, EndpointTraffic>> {
  const traffic = new Map<string, EndpointTraffic>();
  for (const endpoint of store.endpoints().filter((one) => one.containerId === containerId)) {
    const read = await endpointTraffic(endpoint);
    if (read !== undefined) traffic.set(endpoint.id, read);
  }
  return traffic;
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
    subnet6: '',
    gateway6: '',
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
  await takeDown(state, network);
  state.store.deleteNetwork(network.id);
}

async function restore(state: State, running: ReadonlySet<string>): Promise<void> {
  const { store, namespaces } = state;
  const known = new Set([...namespaces.keys(), ...store.endpoints().map(({ containerId }) => containerId)]);
  for (const containerId of known) if (!running.has(containerId)) await disconnect(state, containerId);
  for (const endpoint of store.endpoints()) {
    for (const port of endpoint.ports) await state.ports.retake(port);
    leadCallers(state, endpoint);
  }
  for (const network of store.networks()) if (isUsed(store, network)) await bringUp(state, network);
  await sweepLeftovers(state);
}

async function clearUp(state: State): Promise<void> {
  const { store } = state;
  if (store.endpoints().length > 0) return;
  for (const network of store.networks()) if (state.up.has(network.id)) await takeDown(state, network);
}

function isUsed(store: NetworkStore, network: NetworkRecord): boolean {
  return store.endpoints().some(({ networkId }) => networkId === network.id);
}
