import type { EndpointSettings, Filters } from '../../../engine/index.js';

/** What the network routes need. A `ref` is a network's name, id, or unique prefix of an id. */
export interface NetworkBackend {
  list(filters: Filters): Promise<readonly NetworkView[]>;
  /** @throws WindowboxError `not-found` "network x not found". */
  inspect(ref: string): Promise<NetworkView>;
  create(request: NetworkRequest): Promise<{ readonly id: string; readonly warning: string }>;
  /** @throws WindowboxError `not-found`, `permission-denied` for a network that comes with the engine, `conflict` while in use. */
  remove(ref: string): Promise<void>;
  connect(ref: string, containerRef: string, endpoint: EndpointSettings): Promise<void>;
  disconnect(ref: string, containerRef: string, options: { readonly force: boolean }): Promise<void>;
  prune(filters: Filters): Promise<readonly string[]>;
}

export interface NetworkRequest {
  readonly name: string;
  /** Empty: `nat`. */
  readonly driver: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ipv6: boolean;
  readonly pools: readonly NetworkPool[];
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NetworkPool {
  /** CIDR; empty: the engine's choice. */
  readonly subnet: string;
  readonly gateway: string;
  readonly range: string;
}

export interface NetworkView extends NetworkRequest {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** By container id. */
  readonly members: Readonly<Record<string, NetworkMemberView>>;
}

export interface NetworkMemberView {
  readonly name: string;
  readonly endpointId: string;
  readonly macAddress: string;
  /** CIDR. */
  readonly ipv4Address: string;
  readonly ipv6Address: string;
}
