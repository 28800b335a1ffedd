import type {
  FileChange,
  FileStat,
  Isolation,
  ProcessInfo,
  Resources,
  SandboxStats,
  TerminalSize,
} from '../runtime/index.js';

/**
 * What the engine takes and gives: its own shapes, free of API versions. `server/` turns Docker's JSON into these and back.
 *
 * A `ref` is what a user may call a container: its name, its full id, or a prefix of its id that fits no other.
 * Times are milliseconds since 1970 unless the name says otherwise; sizes are bytes.
 */
export type { FileChange, FileStat, Isolation, ProcessInfo, Resources, SandboxStats, TerminalSize };

/** What `create` takes. Everything is already of the right type; meaning is checked by the engine. */
export interface ContainerSettings {
  /** As the user wrote it. */
  readonly image: string;
  /** Empty: Docker's rule, the first twelve digits of the id. */
  readonly hostname: string;
  readonly domainname: string;
  /** Empty: the image's. */
  readonly user: string;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly terminal: boolean;
  readonly openStdin: boolean;
  /** stdin closes when the first attached client goes. */
  readonly stdinOnce: boolean;
  readonly env: readonly string[];
  /** undefined: the image's. An empty list empties the image's. */
  readonly command: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
  /** The command's first element is a finished Windows command line. */
  readonly argsEscaped: boolean;
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Anonymous volumes: Windows paths. */
  readonly volumes: readonly string[];
  /** `80/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly healthcheck: Healthcheck | undefined;
  readonly stopSignal: string;
  /** Seconds; undefined: 30 on Windows. */
  readonly stopTimeout: number | undefined;
  readonly shell: readonly string[] | undefined;
  readonly isolation: string;
  readonly resources: ContainerResources;
  /** `-v`: `source:target[:mode]`, as written. */
  readonly binds: readonly string[];
  readonly mounts: readonly MountRequest[];
  /** Of volumes that `binds` name; empty: `local`. */
  readonly volumeDriver: string;
  /** `CONTAINER[:MODE]`: whose mounts this one has too. */
  readonly volumesFrom: readonly string[];
  readonly restartPolicy: RestartPolicy;
  readonly autoRemove: boolean;
  readonly logging: LoggingSettings;
  /** Name of a network, `none`, `default`, or `container:REF`. */
  readonly networkMode: string;
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  /** Key: `80/tcp`. */
  readonly portBindings: Readonly<Record<string, readonly PortBinding[]>>;
  readonly publishAllPorts: boolean;
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  /** `name:address`. */
  readonly extraHosts: readonly string[];
  readonly storageOptions: Readonly<Record<string, string>>;
  readonly consoleSize: TerminalSize | undefined;
  /** Fields of the API that the engine does not use and only shows again in `inspect`. JSON. */
  readonly echo: Readonly<Record<string, unknown>>;
}

export interface ContainerResources extends Resources {
  readonly cpuCount: number;
  readonly cpuPercent: number;
}

export interface Healthcheck {
  /** `['NONE']`, `['CMD', …]`, `['CMD-SHELL', line]`, or empty: the image's. */
  readonly test: readonly string[];
  /** Nanoseconds, as in Docker; 0: the image's or the default (30 s, 30 s, 0 s, 5 s). */
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

export interface MountRequest {
  readonly type: 'bind' | 'volume' | 'npipe' | 'tmpfs' | 'image' | 'cluster';
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly noCopy: boolean;
  /** Of a volume: the part of it that is mounted; empty: all. */
  readonly subpath: string;
  /** Of a bind mount: the source is made when it is missing. */
  readonly createSource: boolean;
  /** Of a bind mount, as the API names it; empty: none. */
  readonly propagation: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly driver: string;
  readonly driverOptions: Readonly<Record<string, string>>;
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  readonly maximumRetryCount: number;
}

export interface LoggingSettings {
  /** `json-file`, `local` or `none`; empty: the daemon's default. */
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface EndpointSettings {
  readonly aliases: readonly string[];
  readonly ipv4Address: string;
  readonly ipv6Address: string;
  readonly macAddress: string;
}

export interface PortBinding {
  readonly hostIp: string;
  readonly hostPort: string;
}

/** Where a container is in its life. Each case carries only what exists then. */
export type ContainerState =
  | { readonly status: 'created'; readonly failure?: StartFailure }
  | { readonly status: 'running' | 'paused'; readonly pid: number; readonly startedAt: number }
  | {
      readonly status: 'restarting';
      readonly startedAt: number;
      readonly finishedAt: number;
      readonly exitCode: number;
    }
  | {
      readonly status: 'exited' | 'dead';
      readonly startedAt: number;
      readonly finishedAt: number;
      readonly exitCode: number;
      readonly outOfMemory: boolean;
      readonly error: string;
    };

export interface StartFailure {
  readonly exitCode: number;
  readonly error: string;
}

export interface HealthState {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failingStreak: number;
  readonly log: readonly HealthResult[];
}

export interface HealthResult {
  readonly start: number;
  readonly end: number;
  readonly exitCode: number;
  readonly output: string;
}

/** All that is known of a container. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly settings: ContainerSettings;
  /** The settings with the image's filled in: what really runs. */
  readonly effective: EffectiveProcess;
  readonly imageId: string;
  readonly isolation: Isolation;
  /** `10.0.26100.1` of the image. */
  readonly osVersion: string;
  readonly state: ContainerState;
  readonly restartCount: number;
  readonly health: HealthState | undefined;
  readonly mounts: readonly MountView[];
  readonly networks: Readonly<Record<string, EndpointView>>;
  readonly ports: Readonly<Record<string, readonly PortBinding[]>>;
  readonly logPath: string;
  readonly execIds: readonly string[];
  /** Only when asked for. */
  readonly size?: { readonly writable: number; readonly root: number };
}

export interface EffectiveProcess {
  /** First element: the program; the rest: its arguments. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly healthcheck: Healthcheck | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposedPorts: readonly string[];
  readonly command: readonly string[] | undefined;
  readonly entrypoint: readonly string[] | undefined;
}

export interface MountView {
  readonly type: 'bind' | 'volume';
  /** Of a volume; empty for a bind mount. */
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly driver: string;
  readonly mode: string;
  readonly readOnly: boolean;
}

export interface EndpointView {
  readonly networkId: string;
  readonly endpointId: string;
  readonly gateway: string;
  readonly ipAddress: string;
  readonly prefixLength: number;
  readonly ipv6Gateway: string;
  readonly ipv6Address: string;
  readonly ipv6PrefixLength: number;
  readonly macAddress: string;
  readonly aliases: readonly string[];
}

export interface CreateOptions {
  /** Undefined: one is made up. */
  readonly name?: string | undefined;
  /** `--platform`, as the user wrote it: an image for another one is not taken. */
  readonly platform?: string | undefined;
  /** `NAME=value` that the program gets and that is kept nowhere: a build's secrets. Gone with the daemon. */
  readonly unsavedEnv?: readonly string[] | undefined;
}

export interface CreateResult {
  readonly id: string;
  readonly warnings: readonly string[];
}

/** Docker's filters: name → accepted values. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export interface ListOptions {
  readonly all: boolean;
  /** 0: no limit. */
  readonly limit: number;
  readonly size: boolean;
  readonly filters: Filters;
}

export interface LogEntry {
  readonly stream: 'stdout' | 'stderr';
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** A line with its end, or a part of a very long or unfinished one. */
  readonly data: Uint8Array;
}

export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** Nanoseconds since 1970; 0: no bound. */
  readonly since: bigint;
  readonly until: bigint;
  /** Lines from the end; undefined: all. */
  readonly tail: number | undefined;
  readonly signal?: AbortSignal;
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Live output; without it only `logs`. */
  readonly stream: boolean;
  /** The output so far comes first. */
  readonly logs: boolean;
}

/** One client at a container's or exec's streams. */
export interface AttachSession {
  readonly terminal: boolean;
  /** Ends when the program has ended or after `detach`. Reading slowly slows the program. */
  readonly output: AsyncIterable<{ readonly stream: 'stdout' | 'stderr'; readonly data: Uint8Array }>;
  /** Resolves when there is room for more. Without stdin: discards. */
  write(data: Uint8Array): Promise<void>;
  /** End of the client's input. */
  end(): void;
  /** The client has gone; the program goes on. */
  detach(): void;
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

export interface WaitResult {
  readonly exitCode: number;
  /** Set when waiting itself failed. */
  readonly error?: string;
}

export interface ExecSettings {
  readonly command: readonly string[];
  readonly terminal: boolean;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly privileged: boolean;
  readonly detachKeys: string;
  readonly consoleSize: TerminalSize | undefined;
}

export type ExecState =
  | { readonly status: 'created' }
  | { readonly status: 'running'; readonly pid: number }
  | { readonly status: 'exited'; readonly pid: number; readonly exitCode: number };

export interface ExecView {
  readonly id: string;
  readonly containerId: string;
  readonly settings: ExecSettings;
  readonly program: string;
  readonly args: readonly string[];
  readonly state: ExecState;
}

export interface EngineEvent {
  readonly type: 'container' | 'image' | 'volume' | 'network' | 'daemon' | 'builder';
  /** Docker's: `create`, `start`, `die`, `exec_start: cmd`, `health_status: healthy`… */
  readonly action: string;
  readonly actor: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
}

export interface EventOptions {
  readonly since: bigint | undefined;
  readonly until: bigint | undefined;
  readonly filters: Filters;
  readonly signal?: AbortSignal;
}

export interface VolumeView {
  readonly name: string;
  readonly driver: string;
  /** Folder on the host. */
  readonly mountpoint: string;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly anonymous: boolean;
}

export interface UpdateRequest {
  readonly resources: Partial<ContainerResources>;
  readonly restartPolicy: RestartPolicy | undefined;
}

export interface PruneResult {
  readonly deleted: readonly string[];
  readonly reclaimed: number;
}
