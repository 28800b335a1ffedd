import { WindowboxError } from '../../errors/index.js';
import type { Isolation, Sandbox } from '../../runtime/index.js';
import type { Container, ContainerRecord } from '../container.js';
import type { EngineContext } from '../context.js';
import type { NetworkClient } from '../dependencies.js';
import type { ContainerSettings, EndpointSettings, EndpointView } from '../types.js';
import { changeRecord } from './change-record.js';

const plainEndpoint: EndpointSettings = { aliases: [], ipv4Address: '', ipv6Address: '', macAddress: '' };

/** Puts a container into one more network: at once when it runs, and for every later start. The caller holds the mutex. */
export async function joinNetwork(
  context: EngineContext,
  container: Container,
  wanted: { readonly network: string; readonly endpoint: EndpointSettings },
): Promise<void> {
  const { record } = container;
  const { endpoints, networkMode } = record.settings;
  if (networkMode === 'none')
    throw new WindowboxError(
      'permission-denied',
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  if (endpoints[wanted.network] !== undefined)
    throw new WindowboxError(
      'permission-denied',
      `endpoint with name ${record.name} already exists in network ${wanted.network}`,
    );
  const settings = { ...record.settings, endpoints: { ...endpoints, [wanted.network]: wanted.endpoint } };
  checkNetworkCount(context, record.isolation, settings);
  if (container.live === undefined) {
    context.network.check(settings);
    changeRecord(context, container, { settings });
    return;
  }
  const view = await context.network.join(networkClient(record), wanted.network, wanted.endpoint);
  try {
    await followNetwork(context, container, container.live.sandbox);
  } catch (error) {
    await context.network.leave(record.id, wanted.network);
    throw error;
  }
  changeRecord(context, container, { settings, networks: { ...record.networks, [wanted.network]: view } });
  publishNetworkEvents(context, container, { action: 'connect', networks: { [wanted.network]: view } });
}

/** Takes a container out of a network, at once and for every later start. The caller holds the mutex. */
export async function leaveNetwork(context: EngineContext, container: Container, network: string): Promise<void> {
  const { record } = container;
  const { [network]: asked, ...endpoints } = record.settings.endpoints;
  const { [network]: view, ...networks } = record.networks;
  if (asked === undefined && view === undefined)
    throw new WindowboxError('not-found', `container ${record.id} is not connected to network ${network}`);
  if (container.live !== undefined) await context.network.leave(record.id, network);
  // When it leaves the network in which its ports are published, they are gone.
  const { ports } = container.live === undefined ? record : context.network.current(networkClient(record));
  changeRecord(context, container, { settings: { ...record.settings, endpoints }, networks, ports });
  if (view !== undefined)
    publishNetworkEvents(context, container, { action: 'disconnect', networks: { [network]: view } });
  // Last: whatever its programs still see of that network, it is out of it.
  if (container.live !== undefined) await followNetwork(context, container, container.live.sandbox);
}

/** Programs see the networks as they are now: adapters, name server, their own address by its name. */
export async function followNetwork(context: EngineContext, container: Container, sandbox: Sandbox): Promise<void> {
  const { record } = container;
  const connection = context.network.current(networkClient(record));
  await sandbox.followNetwork({ hostname: record.settings.hostname, network: connection.sandbox });
}

/** @throws WindowboxError `unsupported` for more networks than this mode has. */
export function checkNetworkCount(context: EngineContext, isolation: Isolation, settings: ContainerSettings): void {
  const most = context.runtime(isolation)?.features.networks ?? Infinity;
  const count = Object.keys(configuredEndpoints(settings)).length;
  if (count <= most) return;
  throw new WindowboxError(
    'unsupported',
    `Cannot connect a container to ${String(count)} networks: isolation "${isolation}" has ${String(most)}`,
    { hint: 'Use fewer networks, or --isolation=process.' },
  );
}

/** Networks that a container is to be in: those of its endpoints; without any (it has left the last one), that of its mode. */
export function configuredEndpoints(settings: ContainerSettings): Readonly<Record<string, EndpointSettings>> {
  const mode = networkName(settings.networkMode);
  // Clients name it among the endpoints too; there is nothing to connect to.
  if (mode === 'none') return {};
  const named = Object.entries(settings.endpoints).map(([name, endpoint]) => [networkName(name), endpoint] as const);
  return named.length > 0 ? Object.fromEntries(named) : { [mode]: plainEndpoint };
}

/** Clients that know Linux alone call the default network `bridge`. */
export function networkName(mode: string): string {
  return ['', 'default', 'bridge'].includes(mode) ? 'nat' : mode;
}

/** What a container that does not run shows of its networks: which, and nothing yet of where. */
export function plannedNetworks(settings: ContainerSettings): Readonly<Record<string, EndpointView>> {
  return Object.fromEntries(
    Object.entries(settings.endpoints).map(([name, endpoint]) => [
      name,
      { ...nowhere, aliases: endpoint.aliases, macAddress: endpoint.macAddress },
    ]),
  );
}

const nowhere: EndpointView = {
  networkId: '',
  endpointId: '',
  gateway: '',
  ipAddress: '',
  prefixLength: 0,
  ipv6Gateway: '',
  ipv6Address: '',
  ipv6PrefixLength: 0,
  macAddress: '',
  aliases: [],
};

export function networkClient(record: ContainerRecord): NetworkClient {
  return {
    id: record.id,
    name: record.name,
    hostname: record.settings.hostname,
    isolation: record.isolation,
    settings: record.settings,
    exposedPorts: record.effective.exposedPorts,
  };
}

/** Docker's order: `connect` comes before the container's `start`, `disconnect` after its `die`. */
export function publishNetworkEvents(
  context: EngineContext,
  container: Container,
  event: { readonly action: 'connect' | 'disconnect'; readonly networks: Readonly<Record<string, EndpointView>> },
): void {
  for (const [name, { networkId }] of Object.entries(event.networks))
    context.events.publish({
      type: 'network',
      action: event.action,
      actor: networkId,
      // The one driver that has endpoints.
      attributes: { container: container.record.id, name, type: 'nat' },
    });
}
