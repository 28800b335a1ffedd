import type { NetworkTraffic } from './dependencies.js';
import type {
  AttachOptions,
  AttachSession,
  ContainerSettings,
  ContainerView,
  EndpointSettings,
  CreateOptions,
  CreateResult,
  EngineEvent,
  EventOptions,
  ExecSettings,
  ExecView,
  FileChange,
  FileStat,
  Filters,
  ListOptions,
  LogEntry,
  LogOptions,
  ProcessInfo,
  PruneResult,
  SandboxStats,
  TerminalSize,
  UpdateRequest,
  VolumeView,
  WaitCondition,
  WaitResult,
} from './types.js';

/**
 * The engine as its users see it. Every method takes a `ref` (name, id or unique id prefix) and fails with a WindowboxError:
 * `not-found` ("No such container: x"), `conflict` (a state that does not allow it), `not-modified` (start of a running, stop of
 * a stopped container), `invalid-argument`, `unsupported`; texts are Docker's.
 */
export interface Engine {
  readonly containers: ContainerOperations;
  readonly execs: ExecOperations;
  readonly volumes: VolumeOperations;
  /** Past events first (`since`), then new ones until `until`, `signal` or for ever. */
  events(options: EventOptions): AsyncIterable<EngineEvent>;
  /** For what happens outside of the engine: images, networks, the daemon. */
  publish(event: Omit<EngineEvent, 'time'>): void;
  /** Waits until what is acknowledged is on disk, leaves containers running, lets go of everything. */
  close(): Promise<void>;
}

export interface ContainerOperations {
  create(settings: ContainerSettings, options?: CreateOptions): Promise<CreateResult>;
  start(ref: string): Promise<void>;
  /** Console event, wait, terminate. `timeout` in seconds; undefined: the container's; negative: no limit. */
  stop(
    ref: string,
    options: { readonly timeout: number | undefined; readonly signal: string | undefined },
  ): Promise<void>;
  restart(
    ref: string,
    options: { readonly timeout: number | undefined; readonly signal: string | undefined },
  ): Promise<void>;
  kill(ref: string, signal: string | undefined): Promise<void>;
  pause(ref: string): Promise<void>;
  unpause(ref: string): Promise<void>;
  rename(ref: string, name: string): Promise<void>;
  /** Into one more network (its name), running or not. @throws WindowboxError `permission-denied` when it is in it already. */
  joinNetwork(ref: string, network: string, endpoint: EndpointSettings): Promise<void>;
  /** @throws WindowboxError `not-found` when it is not in it. */
  leaveNetwork(ref: string, network: string): Promise<void>;
  remove(ref: string, options: { readonly force: boolean; readonly volumes: boolean }): Promise<void>;
  update(ref: string, request: UpdateRequest): Promise<{ readonly warnings: readonly string[] }>;
  prune(filters: Filters): Promise<PruneResult>;

  list(options: ListOptions): Promise<readonly ContainerView[]>;
  inspect(ref: string, options?: { readonly size: boolean }): Promise<ContainerView>;
  top(ref: string): Promise<readonly ProcessInfo[]>;
  /** One reading of a container; `stats` is undefined when it does not run. */
  stats(ref: string): Promise<ContainerReading>;
  /** Registered when the promise resolves, so that a start after it is not missed; `result` settles later, never after `signal` aborts. */
  wait(ref: string, condition: WaitCondition, signal?: AbortSignal): Promise<{ readonly result: Promise<WaitResult> }>;

  attach(ref: string, options: AttachOptions): Promise<AttachSession>;
  resize(ref: string, size: TerminalSize): Promise<void>;
  logs(
    ref: string,
    options: LogOptions,
  ): Promise<{ readonly terminal: boolean; readonly entries: AsyncIterable<LogEntry> }>;

  /** What the container wrote, for a commit: a folder, and the image that it lies on. */
  writableLayer(ref: string): Promise<{ readonly imageId: string; readonly folder: string; readonly running: boolean }>;
  stat(ref: string, path: string): Promise<FileStat>;
  readFiles(ref: string, path: string): Promise<{ readonly stat: FileStat; readonly tar: NodeJS.ReadableStream }>;
  writeFiles(
    ref: string,
    path: string,
    content: { readonly tar: NodeJS.ReadableStream; readonly noOverwriteDirNonDir: boolean },
  ): Promise<void>;
  changes(ref: string): Promise<readonly FileChange[]>;
  /** The whole of C: as a tar stream. */
  export(ref: string): Promise<NodeJS.ReadableStream>;
}

export interface ContainerReading {
  readonly view: ContainerView;
  readonly stats: SandboxStats | undefined;
  /** By endpoint id; empty when it does not run. */
  readonly traffic: ReadonlyMap<string, NetworkTraffic>;
}

export interface ExecOperations {
  create(containerRef: string, settings: ExecSettings): Promise<{ readonly id: string }>;
  /** Starts it with a client at its streams; `detached` resolves without one. */
  start(
    id: string,
    options: { readonly detached: boolean; readonly size: TerminalSize | undefined },
  ): Promise<AttachSession | undefined>;
  inspect(id: string): Promise<ExecView>;
  resize(id: string, size: TerminalSize): Promise<void>;
}

export interface VolumeOperations {
  create(request: {
    readonly name: string | undefined;
    readonly driver: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly options: Readonly<Record<string, string>>;
  }): Promise<VolumeView>;
  list(filters: Filters): Promise<readonly VolumeView[]>;
  inspect(name: string): Promise<VolumeView>;
  remove(name: string, options: { readonly force: boolean }): Promise<void>;
  prune(filters: Filters): Promise<PruneResult>;
  /** Bytes and users of each volume, for `system df`. */
  usage(): Promise<readonly { readonly volume: VolumeView; readonly size: number; readonly references: number }[]>;
}
