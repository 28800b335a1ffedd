import type { NamespacePool } from './namespace-pool.js';
import type { NetworkStore } from './network-store.js';
import type { PortHolder } from './ports.js';
import type { Resolver } from './resolver.js';

/** What the acts of the network manager share. */
export interface State {
  readonly store: NetworkStore;
  readonly ports: PortHolder;
  readonly resolver: Resolver;
  readonly pool: NamespacePool;
  /** By container id. */
  readonly namespaces: Map<string, string>;
  /** Owner of our chains and bridges. */
  readonly chain: string;
  /** Networks (ids) whose bridges are up since this daemon started. */
  readonly up: Set<string>;
}
