import type { NetworkStore } from './network-store.js';
import type { ResolverView } from './resolver.js';
import type { EndpointRecord } from './types.js';

/** Names that mean the host, as Docker Desktop has them. */
const hostNames = new Set(['host.docker.internal', 'gateway.docker.internal']);

/** What the resolver knows, from the endpoints: who asks is told by the address that the question came from. */
export function resolverView(store: NetworkStore): ResolverView {
  const endpointOf = (asker: string): EndpointRecord | undefined =>
    store.endpoints().find(({ address }) => address === asker);
  /** Endpoints in the networks that the asker is in. */
  const neighbours = (asker: string): readonly EndpointRecord[] => {
    const self = endpointOf(asker);
    const networks = new Set(
      store
        .endpoints()
        .filter(({ containerId }) => containerId === self?.containerId)
        .map(({ networkId }) => networkId),
    );
    return store.endpoints().filter(({ networkId }) => networks.has(networkId));
  };
  return {
    lookUp: (asker, name) => {
      if (hostNames.has(name)) {
        const self = endpointOf(asker);
        const gateway = store.networks().find(({ id }) => id === self?.networkId)?.gateway;
        return gateway === undefined ? undefined : [gateway];
      }
      const networkName = (id: string): string => store.networks().find((network) => network.id === id)?.name ?? '';
      const found = neighbours(asker).filter((endpoint) =>
        namesOf(endpoint).some((own) =>
          [own, `${own}.${networkName(endpoint.networkId)}`].some((form) => form.toLowerCase() === name),
        ),
      );
      return found.length === 0 ? undefined : found.flatMap(addressesOf);
    },
    lookUpAddress: (asker, address) => {
      const found = neighbours(asker).find((endpoint) => addressesOf(endpoint).includes(address));
      const network = store.networks().find(({ id }) => id === found?.networkId);
      return found === undefined || network === undefined ? undefined : `${found.containerName}.${network.name}`;
    },
    serversOf: (asker) => endpointOf(asker)?.dns ?? [],
  };
}

function addressesOf({ address, address6 }: EndpointRecord): readonly string[] {
  return address6 === undefined ? [address] : [address, address6];
}

function namesOf(endpoint: EndpointRecord): readonly string[] {
  return [endpoint.containerName, endpoint.containerId.slice(0, 12), endpoint.hostname, ...endpoint.aliases];
}
