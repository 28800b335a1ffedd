import { WindowboxError } from '../../src/errors/index.js';
import type { EndpointView, EngineNetwork } from '../../src/engine/index.js';
import type { NetworkBackend, NetworkView } from '../../src/server/index.js';

/** Networks that are only names: enough for the shapes of the API. */
export function fakeNetworks(): { readonly backend: NetworkBackend; readonly engineNetwork: EngineNetwork } {
  const networks = new Map<string, NetworkView>();
  const add = (name: string, driver: string): NetworkView => {
    const view: NetworkView = {
      id: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64),
      name,
      driver,
      createdAt: Date.now(),
      internal: false,
      attachable: false,
      ipv6: false,
      pools: driver === 'null' ? [] : [{ subnet: '172.20.0.0/16', gateway: '172.20.0.1', range: '' }],
      options: {},
      labels: {},
      members: {},
    };
    networks.set(name, view);
    return view;
  };
  add('nat', 'nat');
  add('none', 'null');
  const find = (ref: string): NetworkView => {
    const found = networks.get(ref) ?? [...networks.values()].find(({ id }) => id.startsWith(ref));
    if (!found) throw new WindowboxError('not-found', `network ${ref} not found`);
    return found;
  };
  const endpointIn = (network: string, endpointId: string): EndpointView => ({
    networkId: find(network).id,
    endpointId,
    gateway: '172.20.0.1',
    ipAddress: '172.20.0.2',
    prefixLength: 16,
    ipv6Gateway: '',
    ipv6Address: '',
    ipv6PrefixLength: 0,
    macAddress: '00:15:5d:00:00:02',
    aliases: [],
  });
  return {
    backend: {
      list: async (filters) => {
        const names = filters['name'] ?? [];
        return [...networks.values()].filter(
          ({ name }) => names.length === 0 || names.some((part) => name.includes(part)),
        );
      },
      inspect: async (ref) => find(ref),
      create: async (request) => {
        if (networks.has(request.name))
          throw new WindowboxError('already-exists', `network with name ${request.name} already exists`);
        const view = { ...add(request.name, request.driver || 'nat'), ...request, driver: request.driver || 'nat' };
        networks.set(request.name, view);
        return { id: view.id, warning: '' };
      },
      remove: async (ref) => {
        const { name } = find(ref);
        if (name === 'nat' || name === 'none')
          throw new WindowboxError('permission-denied', `${name} is a pre-defined network and cannot be removed`);
        networks.delete(name);
      },
      connect: async (ref) => {
        find(ref);
      },
      disconnect: async (ref) => {
        find(ref);
      },
      prune: async () => {
        const unused = [...networks.keys()].filter((name) => name !== 'nat' && name !== 'none');
        for (const name of unused) networks.delete(name);
        return unused;
      },
    },
    engineNetwork: {
      check: (settings) => {
        const mode = settings.networkMode;
        if (!['', 'default', 'none'].includes(mode)) find(mode);
      },
      connect: async (container) => ({
        sandbox: { mode: 'none' },
        endpoints: {
          nat: endpointIn('nat', container.id),
        },
        ports: Object.fromEntries(
          Object.entries(container.settings.portBindings).map(([port, bindings]) => [
            port,
            bindings.map(({ hostPort }) => ({ hostIp: '0.0.0.0', hostPort: hostPort || '49153' })),
          ]),
        ),
      }),
      disconnect: async () => undefined,
      join: async (container, network) => endpointIn(network, container.id),
      leave: async () => undefined,
      traffic: async () => new Map(),
      current: () => ({ sandbox: { mode: 'none' }, endpoints: {}, ports: {} }),
      rename: () => undefined,
    },
  };
}
