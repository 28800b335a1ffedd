/** A network as it is saved. `nat` and user-defined ones are a Linux bridge each; `none` has nothing. */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly driver: 'nat' | 'null';
  readonly createdAt: number;
  /** CIDR, `172.29.0.0/16`; empty for `none`. */
  readonly subnet: string;
  readonly gateway: string;
  /** Where IPv6 was asked for: its subnet (CIDR) and gateway. */
  readonly ipv6?: { readonly subnet: string; readonly gateway: string };
  /** CIDR within the subnet from which addresses are given; empty: all of it. */
  readonly range: string;
  /** Containers reach each other, not the world. */
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Name of the Linux bridge; empty for `none`. */
  readonly bridge: string;
  /** Comes with the engine and cannot be removed. */
  readonly builtIn: boolean;
  /** The subnet is our own choice, which may be made again while nobody is in the network. */
  readonly isChosen?: boolean;
}

/** A container's place in a network, kept from start to end, over a restart of the daemon too. */
export interface EndpointRecord {
  readonly id: string;
  readonly networkId: string;
  readonly containerId: string;
  readonly containerName: string;
  readonly hostname: string;
  /** Name of the interface in the container. */
  readonly interfaceName: string;
  readonly address: string;
  /** In a network with IPv6. */
  readonly address6?: string;
  readonly macAddress: string;
  readonly aliases: readonly string[];
  readonly ports: readonly PublishedPort[];
  readonly dns: readonly string[];
}

export interface PublishedPort {
  readonly protocol: 'tcp' | 'udp';
  readonly containerPort: number;
  /** `0.0.0.0` and `::`: every address. */
  readonly hostIp: string;
  readonly hostPort: number;
}

export interface PortRequest {
  readonly protocol: 'tcp' | 'udp';
  readonly containerPort: number;
  /** Empty: every address of the host, of IPv6 too in a network that has it. */
  readonly hostIp: string;
  /** First and last that will do; 0 to 0: any free one. */
  readonly from: number;
  readonly to: number;
}

/** What a container that starts asks for in one network. */
export interface EndpointRequest {
  /** Name, id or prefix of the network. */
  readonly network: string;
  readonly aliases: readonly string[];
  /** Empty: the next free one. */
  readonly address: string;
  readonly address6: string;
  readonly macAddress: string;
}
