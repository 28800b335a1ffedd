import { type EndpointShape, hasFeature, type PortSummary } from '../../../docker-api/index.js';
import type { ContainerView, EndpointView } from '../../../engine/index.js';

/** Windows' default network. */
export const defaultNetwork = 'nat';

/** `NetworkSettings.Networks`. */
export function networksShape(view: ContainerView, version: string): Readonly<Record<string, EndpointShape>> {
  return Object.fromEntries(
    Object.entries(view.networks).map(([name, endpoint]) => [name, endpointShape(endpoint, name, { view, version })]),
  );
}

/** `NetworkSettings` of `inspect`. */
export function networkSettingsShape(view: ContainerView, version: string): Readonly<Record<string, unknown>> {
  const modern = {
    SandboxID: view.id,
    SandboxKey: view.id,
    Ports: Object.fromEntries(
      portsOf(view).map(([port, bindings]) => [
        port,
        bindings.length === 0 ? null : bindings.map(({ hostIp, hostPort }) => ({ HostIp: hostIp, HostPort: hostPort })),
      ]),
    ),
    Networks: networksShape(view, version),
  };
  if (hasFeature(version, 'withoutDefaultNetworkFields')) return modern;
  const endpoint = view.networks[defaultNetwork];
  return {
    Bridge: '',
    ...modern,
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: endpoint?.endpointId ?? '',
    Gateway: endpoint?.gateway ?? '',
    GlobalIPv6Address: endpoint?.ipv6Address ?? '',
    GlobalIPv6PrefixLen: endpoint?.ipv6PrefixLength ?? 0,
    IPAddress: endpoint?.ipAddress ?? '',
    IPPrefixLen: endpoint?.prefixLength ?? 0,
    IPv6Gateway: endpoint?.ipv6Gateway ?? '',
    MacAddress: endpoint?.macAddress ?? '',
  };
}

/** `Ports` of the list: one line a published address, one for a port that is only exposed. */
export function portSummaries(view: ContainerView): PortSummary[] {
  return portsOf(view).flatMap(([port, bindings]): PortSummary[] => {
    const [number, protocol = 'tcp'] = port.split('/');
    const shown = { PrivatePort: Number(number), Type: protocol };
    if (bindings.length === 0) return [shown];
    return bindings.map(({ hostIp, hostPort }) => ({ IP: hostIp, ...shown, PublicPort: Number(hostPort) }));
  });
}

function portsOf(view: ContainerView): [string, readonly { hostIp: string; hostPort: string }[]][] {
  if (view.state.status !== 'running' && view.state.status !== 'paused') return [];
  const exposed = view.effective.exposedPorts.map((port) => [port, []] as const);
  return Object.entries({ ...Object.fromEntries(exposed), ...view.ports });
}

/** What a neighbour finds it by, in Docker's order. On Windows that holds for the default network too. */
function namesOf({ id, name, settings }: ContainerView, { aliases }: EndpointView): readonly string[] {
  return [...new Set([name, ...aliases, id.slice(0, 12), settings.hostname])].filter((each) => each !== '');
}

function endpointShape(
  endpoint: EndpointView,
  name: string,
  { view, version }: { view: ContainerView; version: string },
): EndpointShape {
  const asked = view.settings.endpoints[name];
  const addresses = {
    ...(asked?.ipv4Address ? { IPv4Address: asked.ipv4Address } : {}),
    ...(asked?.ipv6Address ? { IPv6Address: asked.ipv6Address } : {}),
  };
  return {
    IPAMConfig: Object.keys(addresses).length > 0 ? addresses : null,
    Links: null,
    Aliases: endpoint.aliases.length > 0 ? endpoint.aliases : null,
    MacAddress: endpoint.macAddress,
    DriverOpts: null,
    ...(hasFeature(version, 'endpointPriority') ? { GwPriority: 0 } : {}),
    NetworkID: endpoint.networkId,
    EndpointID: endpoint.endpointId,
    Gateway: endpoint.gateway,
    IPAddress: endpoint.ipAddress,
    IPPrefixLen: endpoint.prefixLength,
    IPv6Gateway: endpoint.ipv6Gateway,
    GlobalIPv6Address: endpoint.ipv6Address,
    GlobalIPv6PrefixLen: endpoint.ipv6PrefixLength,
    DNSNames: namesOf(view, endpoint),
  };
}
