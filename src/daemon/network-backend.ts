import { WindowboxError } from '../errors/index.js';
import type { Engine, Filters } from '../engine/index.js';
import type { EndpointRecord, NetworkManager, NetworkRecord } from '../network/index.js';
import type { Backends } from '../server/index.js';
import { publishPrune } from './image-events.js';

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
  const find = (ref: string): NetworkRecord => manager.find(isLinuxDefault(manager, ref) ? 'nat' : ref);
  return {
    list: async (filters) => Promise.resolve(filtered(manager, filters).map((network) => viewOf(manager, network))),
    inspect: async (ref) => Promise.resolve(viewOf(manager, find(ref))),
    create: async (request) => {
      const network = await manager.create({ ...request, ...poolsOf(request.pools) });
      publish('create', network);
      return { id: network.id, warning: '' };
    },
    remove: async (ref) => {
      await remove(ref);
    },
    connect: async (ref, containerRef, endpoint) =>
      engine().containers.joinNetwork(containerRef, find(ref).name, endpoint),
    disconnect: async (ref, containerRef) => engine().containers.leaveNetwork(containerRef, find(ref).name),
    prune: async (filters) => {
      const unused = filtered(manager, filters).filter(
        (network) => !network.builtIn && membersOf(manager, network).length === 0,
      );
      const names: string[] = [];
      for (const { id } of unused) names.push(await remove(id));
      await manager.sweep();
      publishPrune(engine(), 'network', 0);
      return names;
    },
  };
}

/** Clients that know Linux alone call the default network `bridge`: Testcontainers asks for its gateway when it runs in a container itself. */
function isLinuxDefault(manager: NetworkManager, ref: string): boolean {
  return ref === 'bridge' && !manager.networks().some(({ name }) => name === ref);
}

interface Pools {
  readonly subnet: string;
  readonly gateway: string;
  readonly range: string;
  readonly subnet6: string;
  readonly gateway6: string;
}

/** One of each family, told apart by their colons. */
function poolsOf(pools: NetworkView['pools']): Pools {
  const isSix = ({ subnet, gateway }: NetworkView['pools'][number]): boolean => `${subnet}${gateway}`.includes(':');
  const four = pools.filter((pool) => !isSix(pool));
  const six = pools.filter(isSix);
  if (four.length > 1 || six.length > 1)
    throw new WindowboxError('invalid-argument', "nat driver doesn't support multiple subnets", {
      hint: 'Name one subnet, and with --ipv6 one of IPv6.',
    });
  const [{ subnet, gateway, range } = noPool] = four;
  const [{ subnet: subnet6, gateway: gateway6, range: range6 } = noPool] = six;
  if (range6 !== '')
    throw new WindowboxError('unsupported', 'Cannot give addresses of IPv6 from a range: leave it out');
  return { subnet, gateway, range, subnet6, gateway6 };
}

const noPool = { subnet: '', gateway: '', range: '' };

function viewOf(manager: NetworkManager, network: NetworkRecord): NetworkView {
  const members = membersOf(manager, network).map(
    (endpoint) => [endpoint.containerId, memberOf(network, endpoint)] as const,
  );
  return {
    ...network,
    ipv6: network.ipv6 !== undefined,
    pools: [
      ...(network.subnet === '' ? [] : [{ subnet: network.subnet, gateway: network.gateway, range: network.range }]),
      ...(network.ipv6 === undefined ? [] : [{ ...network.ipv6, range: '' }]),
    ],
    members: Object.fromEntries(members),
  };
}

function memberOf(network: NetworkRecord, endpoint: EndpointRecord): NetworkView['members'][string] {
  return {
    name: endpoint.containerName,
    endpointId: endpoint.id,
    macAddress: endpoint.macAddress,
    ipv4Address: `${endpoint.address}/${network.subnet.split('/')[1] ?? ''}`,
    ipv6Address:
      endpoint.address6 === undefined ? '' : `${endpoint.address6}/${network.ipv6?.subnet.split('/')[1] ?? ''}`,
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
