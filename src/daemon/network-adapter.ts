import { WindowboxError } from '../errors/index.js';
import {
  configuredEndpoints,
  type ContainerSettings,
  type EndpointSettings,
  type EndpointView,
  type EngineNetwork,
  type NetworkClient,
  type NetworkConnection,
  networkName,
  type PortBinding,
} from '../engine/index.js';
import type {
  Connection,
  EndpointRecord,
  EndpointRequest,
  NetworkManager,
  NetworkRecord,
  PublishedPort,
} from '../network/index.js';
import type { DaemonConfig } from './config.js';
import { portRequests } from './port-requests.js';

/** The networks as the engine asks for them. */
export function makeEngineNetwork(manager: NetworkManager, config: DaemonConfig): EngineNetwork {
  const dnsOf = ({ dns }: ContainerSettings): readonly string[] => (dns.length > 0 ? dns : (config.dns ?? []));
  return {
    check: (settings) => {
      if (settings.networkMode.startsWith('container:')) throw sharedNamespace();
      if (networkName(settings.networkMode) === 'host')
        throw new WindowboxError('invalid-argument', 'invalid network mode: host mode is not supported on Windows', {
          hint: 'Publish the ports that you need: -p 8080:80.',
        });
      for (const { network } of endpointRequests(settings)) manager.find(network);
      portRequests(settings, []);
    },
    connect: async (client, namespace) => {
      const { settings } = client;
      if (endpointRequests(settings).length === 0) return nowhere;
      const asked = {
        id: client.id,
        name: client.name,
        hostname: settings.hostname,
        endpoints: endpointRequests(settings),
        ports: portRequests(settings, client.exposedPorts),
        dns: dnsOf(settings),
      };
      const connection = await manager
        .connect(asked, namespace)
        .catch((error: unknown) => Promise.reject(explain(error, client)));
      return describe(connection, client, config);
    },
    disconnect: async (containerId) => manager.disconnect(containerId),
    join: async ({ id, name, settings }, network, endpoint) => {
      const client = { id, name, hostname: settings.hostname, dns: dnsOf(settings) };
      const joined = await manager.join(client, requestOf(network, endpoint));
      return endpointView(joined.network, joined.endpoint);
    },
    leave: async (containerId, network) => manager.leave(containerId, network),
    traffic: async (containerId) => manager.traffic(containerId),
    current: (client) => {
      const connection = manager.current(client.id);
      return connection === undefined ? nowhere : describe(connection, client, config);
    },
    rename: (containerId, name) => manager.rename(containerId, name),
  };
}

const nowhere: NetworkConnection = { sandbox: { mode: 'none' }, endpoints: {}, ports: {} };

function describe(connection: Connection, client: NetworkClient, config: DaemonConfig): NetworkConnection {
  const { settings } = client;
  const lead = leadOf(connection);
  const search = settings.dnsSearch.length > 0 ? settings.dnsSearch : (config['dns-search'] ?? []);
  return {
    sandbox: {
      mode: 'namespace',
      path: connection.namespace,
      dns: { servers: lead === undefined ? [] : [lead.network.gateway], search },
      hosts: hostEntries(settings, connection),
    },
    endpoints: Object.fromEntries(
      connection.endpoints.map(({ network, endpoint }) => [network.name, endpointView(network, endpoint)]),
    ),
    ports: portViews(
      connection.endpoints.flatMap(({ endpoint }) => endpoint.ports),
      client.exposedPorts,
    ),
  };
}

/** The way to the world, and with it the name server and the container's own address; in internal networks alone the first one. */
function leadOf({ endpoints }: Connection): Connection['endpoints'][number] | undefined {
  return endpoints.find(({ network }) => !network.internal) ?? endpoints[0];
}

/** Docker's shape of an endpoint. */
export function endpointView(network: NetworkRecord, endpoint: EndpointRecord): EndpointView {
  return {
    networkId: network.id,
    endpointId: endpoint.id,
    gateway: network.gateway,
    ipAddress: endpoint.address,
    prefixLength: Number(network.subnet.split('/')[1] ?? 0),
    ipv6Gateway: network.ipv6?.gateway ?? '',
    ipv6Address: endpoint.address6 ?? '',
    ipv6PrefixLength: Number(network.ipv6?.subnet.split('/')[1] ?? 0),
    macAddress: endpoint.macAddress,
    aliases: endpoint.aliases,
  };
}

/** That of `--network` first: it is the way to the world and publishes the ports, if it is not internal. */
function endpointRequests(settings: ContainerSettings): EndpointRequest[] {
  const mode = networkName(settings.networkMode);
  return Object.entries(configuredEndpoints(settings))
    .toSorted(([one], [other]) => Number(other === mode) - Number(one === mode))
    .map(([network, endpoint]) => requestOf(network, endpoint));
}

function requestOf(network: string, endpoint: EndpointSettings): EndpointRequest {
  const { aliases, ipv4Address: address, ipv6Address: address6, macAddress } = endpoint;
  if ((address !== '' || address6 !== '') && network === 'nat')
    throw new WindowboxError(
      'invalid-argument',
      'user specified IP address is supported on user defined networks only',
    );
  return { network, aliases, address, address6, macAddress };
}

function hostEntries(settings: ContainerSettings, connection: Connection): { name: string; address: string }[] {
  const lead = leadOf(connection);
  const addresses = lead === undefined ? [] : [lead.endpoint.address, lead.endpoint.address6 ?? ''];
  const own = addresses.flatMap((address) => (address === '' ? [] : [{ name: settings.hostname, address }]));
  const extra = settings.extraHosts.flatMap((entry) => {
    const at = entry.indexOf(entry.includes('=') ? '=' : ':');
    const address = entry.slice(at + 1);
    const resolved = address === 'host-gateway' ? (lead?.network.gateway ?? '') : address;
    return at <= 0 || resolved === '' ? [] : [{ name: entry.slice(0, at), address: resolved }];
  });
  return [...own, ...extra];
}

/** By container port; one that is exposed and not published has an empty list. */
function portViews(
  published: readonly PublishedPort[],
  exposed: readonly string[],
): Record<string, readonly PortBinding[]> {
  const views: Record<string, PortBinding[]> = Object.fromEntries(exposed.map((port) => [port, []]));
  for (const { protocol, containerPort, hostIp, hostPort } of published)
    (views[`${String(containerPort)}/${protocol}`] ??= []).push({ hostIp, hostPort: String(hostPort) });
  return views;
}

/** Docker's sentences around what a network refuses a start. */
function explain(error: unknown, client: NetworkClient): unknown {
  if (!(error instanceof WindowboxError)) return error;
  const isPort = /^(?:Bind for|failed to bind|all ports are allocated)/u.test(error.message);
  const act = isPort
    ? `driver failed programming external connectivity on endpoint ${client.name} (${client.id}): `
    : '';
  return new WindowboxError(error.code, `failed to set up container networking: ${act}${error.message}`, {
    // Not the error itself: what it says is in the text, and a cause that was not found would be taken for a program.
    cause: error.cause,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

function sharedNamespace(): WindowboxError {
  return new WindowboxError('unsupported', 'Cannot share the network of another container: not supported here', {
    hint: 'Put both containers into one network (windowbox network create NAME) and use the name of the other.',
  });
}
