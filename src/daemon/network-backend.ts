import { WindowboxError } from '../errors/index.js';
import type { Engine, Filters } from '../engine/index.js';
import type { EndpointRecord, NetworkManager, NetworkRecord } from '../network/index.js';
import type { Backends } from '../server/index.js';

type NetworkBackend = Backends['networks'];
type NetworkView = Awaited<ReturnType<NetworkBackend['inspect']>>;

/** The networks as the API asks for them. */
export function makeNetworkBackend(manager: NetworkManager, engine: () => Engine): NetworkBackend {
  const publish = (action: string, network: NetworkRecord): void => {
    engine().publish({
      type: 'network',
      action,
      actor: network.id,
      attributes: { name: network.name, type: network.driver },
    });
  };
  const remove = async (ref: string): Promise<string> => {
    const network = manager.find(ref);
    await manager.remove(ref);
    publish('destroy', network);
    return network.name;
  };
  return {
    list: async (filters) => Promise.resolve(filtered(manager, filters).map((network) => viewOf(manager, network))),
    inspect: async (ref) => Promise.resolve(viewOf(manager, manager.find(ref))),
    create: async (request) => {
      const [pool] = request.pools;
      const network = await manager.create({
        ...request,
        subnet: pool?.subnet ?? '',
        gateway: pool?.gateway ?? '',
        range: pool?.range ?? '',
      });
      publish('create', network);
      return { id: network.id, warning: '' };
    },
    remove: async (ref) => {
      await remove(ref);
    },
    connect: async (ref, containerRef, endpoint) =>
      engine().containers.joinNetwork(containerRef, manager.find(ref).name, endpoint),
    disconnect: async (ref, containerRef) => engine().containers.leaveNetwork(containerRef, manager.find(ref).name),
    prune: async (filters) => {
      const unused = filtered(manager, filters).filter(
        (network) => !network.builtIn && membersOf(manager, network).length === 0,
      );
      const names: string[] = [];
      for (const { id } of unused) names.push(await remove(id));
      await manager.sweep();
      return names;
    },
  };
}

function viewOf(manager: NetworkManager, network: NetworkRecord): NetworkView {
  const members = membersOf(manager, network).map(
    (endpoint) => [endpoint.containerId, memberOf(network, endpoint)] as const,
  );
  return {
    ...network,
    ipv6: false,
    pools: network.subnet === '' ? [] : [{ subnet: network.subnet, gateway: network.gateway, range: network.range }],
    members: Object.fromEntries(members),
  };
}

function memberOf(network: NetworkRecord, endpoint: EndpointRecord): NetworkView['members'][string] {
  return {
    name: endpoint.containerName,
    endpointId: endpoint.id,
    macAddress: endpoint.macAddress,
    ipv4Address: `${endpoint.address}/${network.subnet.split('/')[1] ?? ''}`,
    ipv6Address: '',
  };
}

function membersOf(manager: NetworkManager, network: NetworkRecord): EndpointRecord[] {
  return manager.endpoints().filter(({ networkId }) => networkId === network.id);
}

const tests: Readonly<Record<string, (network: NetworkRecord, value: string, manager: NetworkManager) => boolean>> = {
  id: ({ id }, value) => id.startsWith(value),
  name: ({ name }, value) => name.includes(value),
  driver: ({ driver }, value) => driver === (value === 'bridge' ? 'nat' : value),
  type: ({ builtIn }, value) => value === (builtIn ? 'builtin' : 'custom'),
  scope: (_network, value) => value === 'local',
  label: ({ labels }, value) => {
    const [name = '', wanted] = value.split(/=(.*)/su);
    return wanted === undefined ? labels[name] !== undefined : labels[name] === wanted;
  },
  dangling: (network, value, manager) =>
    (!network.builtIn && membersOf(manager, network).length === 0) === (value === 'true' || value === '1'),
  until: ({ createdAt }, value) => createdAt < Date.parse(value),
};

function filtered(manager: NetworkManager, filters: Filters): NetworkRecord[] {
  const checks = Object.entries(filters).map(([name, values]) => {
    const check = tests[name];
    if (check === undefined) throw new WindowboxError('invalid-argument', `invalid filter '${name}'`);
    return (network: NetworkRecord): boolean => values.some((value) => check(network, value, manager));
  });
  return manager.networks().filter((network) => checks.every((check) => check(network)));
}
