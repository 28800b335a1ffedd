/** Responses of the container endpoints. Field names and meaning: https://docs.docker.com/reference/api/engine/ */
export interface PortSummary {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

export interface MountPoint {
  readonly Type: string;
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly Mode: string;
  readonly RW: boolean;
  readonly Propagation: string;
}

export interface EndpointShape {
  readonly IPAMConfig: { readonly IPv4Address?: string; readonly IPv6Address?: string } | null;
  readonly Links: readonly string[] | null;
  readonly Aliases: readonly string[] | null;
  readonly MacAddress: string;
  readonly DriverOpts: Readonly<Record<string, string>> | null;
  readonly GwPriority?: number;
  readonly NetworkID: string;
  readonly EndpointID: string;
  readonly Gateway: string;
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly IPv6Gateway: string;
  readonly GlobalIPv6Address: string;
  readonly GlobalIPv6PrefixLen: number;
  readonly DNSNames?: readonly string[] | null;
}

export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Command: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Ports: readonly PortSummary[];
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: string;
  readonly Status: string;
  readonly Health?: { readonly Status: string; readonly FailingStreak: number };
  readonly HostConfig: { readonly NetworkMode: string; readonly Annotations?: Readonly<Record<string, string>> };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, EndpointShape>> };
  readonly Mounts: readonly MountPoint[];
}

export interface HealthShape {
  readonly Status: string;
  readonly FailingStreak: number;
  readonly Log: readonly {
    readonly Start: string;
    readonly End: string;
    readonly ExitCode: number;
    readonly Output: string;
  }[];
}

export interface StateShape {
  readonly Status: string;
  readonly Running: boolean;
  readonly Paused: boolean;
  readonly Restarting: boolean;
  readonly OOMKilled: boolean;
  readonly Dead: boolean;
  readonly Pid: number;
  readonly ExitCode: number;
  readonly Error: string;
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: HealthShape;
}

export interface ContainerInspect {
  readonly Id: string;
  readonly Created: string;
  readonly Path: string;
  readonly Args: readonly string[];
  readonly State: StateShape;
  readonly Image: string;
  readonly ResolvConfPath: string;
  readonly HostnamePath: string;
  readonly HostsPath: string;
  readonly LogPath: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly Driver: string;
  readonly Platform: string;
  readonly MountLabel: string;
  readonly ProcessLabel: string;
  readonly AppArmorProfile: string;
  readonly ExecIDs: readonly string[] | null;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly GraphDriver: { readonly Name: string; readonly Data: Readonly<Record<string, string>> };
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Mounts: readonly MountPoint[];
  readonly Config: Readonly<Record<string, unknown>>;
  readonly NetworkSettings: Readonly<Record<string, unknown>>;
}

export interface TopShape {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

export interface WaitShape {
  readonly StatusCode: number;
  readonly Error?: { readonly Message: string };
}

/** 0: modified, 1: added, 2: deleted. */
export interface ChangeShape {
  readonly Path: string;
  readonly Kind: 0 | 1 | 2;
}

/** `GET /containers/{id}/stats` as a Windows engine answers it: job object counters, in 100 ns units. */
export interface StatsShape {
  readonly name: string;
  readonly id: string;
  readonly read: string;
  readonly preread: string;
  readonly os_type?: 'windows';
  readonly pids_stats: Readonly<Record<string, never>>;
  readonly blkio_stats: Readonly<Record<string, null>>;
  readonly num_procs: number;
  readonly storage_stats: {
    readonly read_count_normalized?: number;
    readonly read_size_bytes?: number;
    readonly write_count_normalized?: number;
    readonly write_size_bytes?: number;
  };
  readonly cpu_stats: CpuStatsShape;
  readonly precpu_stats: CpuStatsShape;
  readonly memory_stats: {
    readonly commitbytes?: number;
    readonly commitpeakbytes?: number;
    readonly privateworkingset?: number;
  };
  /** By endpoint id. */
  readonly networks?: Readonly<Record<string, EndpointStatsShape>>;
}

export interface EndpointStatsShape {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: 0;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: 0;
  readonly tx_dropped: number;
  readonly endpoint_id: string;
}

export interface CpuStatsShape {
  readonly cpu_usage: {
    readonly total_usage: number;
    readonly usage_in_kernelmode: number;
    readonly usage_in_usermode: number;
  };
  readonly throttling_data: { readonly periods: 0; readonly throttled_periods: 0; readonly throttled_time: 0 };
}

export interface ExecInspect {
  readonly ID: string;
  readonly Running: boolean;
  readonly ExitCode: number | null;
  readonly ProcessConfig: {
    readonly tty: boolean;
    readonly entrypoint: string;
    readonly arguments: readonly string[];
    readonly privileged: boolean;
    readonly user?: string;
  };
  readonly OpenStdin: boolean;
  readonly OpenStderr: boolean;
  readonly OpenStdout: boolean;
  readonly CanRemove: boolean;
  readonly ContainerID: string;
  readonly DetachKeys: string;
  readonly Pid: number;
}
