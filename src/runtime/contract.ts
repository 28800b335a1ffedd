/**
 * What the engine asks of an isolation mode. Two implementations: `runtime-process` (namespaces) and `runtime-hyperv` (a
 * utility VM per container). Both pass the suite in `runtime-suite.ts`.
 *
 * Vocabulary. A **sandbox** is what isolates one container: namespaces or a VM, its file system mounted, the guest agent up, and
 * no program yet. A **process** is a program in it: number 1 is the container's own, the others are execs. The sandbox ends
 * when it is stopped, or by itself when its inside dies.
 *
 * Lifecycle. `create` → `start(1)` → any number of `start(n)` → process 1 exits → `stop`. The daemon may die at any point; the
 * next one calls `recover(id, last)` and goes on with the frame after `last`, so that nothing is lost or seen twice.
 *
 * What a mode cannot do is in {@link RuntimeFeatures} and answered with a WindowboxError `unsupported`, never silently.
 */
export type Isolation = 'process' | 'hyperv';

export interface Runtime {
  readonly isolation: Isolation;
  readonly features: RuntimeFeatures;

  /**
   * Makes a sandbox and resolves when it takes `start`. A runtime may hand out one that it prepared before.
   *
   * @throws WindowboxError `already-exists` for an id that is in use, `unavailable` when the runtime root is missing or broken,
   * `resource-exhausted`, `unsupported` for a spec that this mode cannot fulfil. After an error nothing is left behind.
   */
  create(spec: SandboxSpec, options?: CreateOptions): Promise<Sandbox>;

  /**
   * The running sandbox of this id, made by an earlier daemon; undefined when it is gone. One that was paused runs again: it could not answer. Whoever
   * wants it paused pauses it. `last`: see {@link OutputChunk.sequence}.
   */
  recover(id: string, last: number): Promise<Sandbox | undefined>;

  /** Removes all that is left of a sandbox: processes, mounts, cgroups, files under the run folder. Idempotent. Keeps the layer. */
  purge(id: string): Promise<void>;

  /** Ids of which something is left, running or not. */
  list(): Promise<readonly string[]>;

  /** The container's file system, whether it runs or not. The caller closes it. */
  openFiles(id: string, layer: Layer): Promise<SandboxFiles>;

  /** Tells the runtime which base is likely to be started next, so that it may prepare a sandbox; returns at once. */
  expect(hint: { readonly lower: readonly string[] }): void;

  /** Ends what the runtime prepared for itself. Containers go on. */
  close(): Promise<void>;
}

export interface CreateOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told what takes long, when a start takes longer than others do: a sentence for the user, again with each step. */
  readonly onDelay?: ((reason: string) => void) | undefined;
}

export interface RuntimeFeatures {
  /** Memory and processor of the host are seen (true), or those of the VM. */
  readonly seesHostResources: boolean;
  readonly pause: boolean;
  readonly updateResources: boolean;
  readonly copyWhileRunning: boolean;
  /** In how many networks a sandbox can be at once. */
  readonly networks: number;
}

/** A container's file system: folders on the host, each a Wine prefix (`drive_c` is C:, `*.reg` the registry). */
export interface Layer {
  /** Read-only, topmost first. */
  readonly lower: readonly string[];
  /** Of this container only: `<folder>/upper` is the writable layer, `<folder>/work` belongs to overlayfs. */
  readonly folder: string;
}

export interface SandboxSpec {
  readonly id: string;
  readonly hostname: string;
  readonly layer: Layer;
  /** Layer never written by anyone: a prepared sandbox with the same `lower` may take its place. */
  readonly pristine: boolean;
  readonly mounts: readonly SandboxMount[];
  readonly resources: Resources;
  readonly network: SandboxNetwork | ConnectNetwork;
}

/**
 * Sets the network up when the runtime knows in which namespace: that of a sandbox that was prepared, or undefined for a new one. Called once; after an
 * error nothing is left of it, nor of the namespace given.
 */
export type ConnectNetwork = (namespace: string | undefined) => Promise<SandboxNetwork>;

export interface SandboxMount {
  /** A folder or file of the host, without symbolic links in it. */
  readonly source: string;
  /** `C:\data`, or a whole drive, `D:\`. */
  readonly target: string;
  readonly readOnly: boolean;
}

export interface Resources {
  /** Bytes; 0: no limit. */
  readonly memory: number;
  /** Billionths of a processor; 0: no limit. */
  readonly nanoCpus: number;
  /** Docker's relative weight; 0: default. */
  readonly cpuShares: number;
  /** Count of Linux tasks; 0: the runtime's default. */
  readonly pidsLimit: number;
}

export type SandboxNetwork =
  | { readonly mode: 'none' }
  /** A network namespace with everything set up in it; `dns` and `hosts` go to the resolver's files. */
  | { readonly mode: 'namespace'; readonly path: string; readonly dns: Dns; readonly hosts: readonly HostEntry[] };

export interface Dns {
  readonly servers: readonly string[];
  readonly search: readonly string[];
}

export interface HostEntry {
  readonly name: string;
  readonly address: string;
}

export interface Sandbox {
  readonly id: string;
  /** Where this sandbox's writable layer really is: another than the spec's when a prepared one took its place. */
  readonly layer: Layer;
  /** Linux process id of the sandbox's init or of QEMU, as the host sees it. */
  readonly pid: number;

  /**
   * Starts a program.
   *
   * @throws WindowboxError `not-found` when Windows finds no such program (message is Windows' own text, `code` in the hint),
   * `invalid-argument` for a folder or user that does not exist, `unavailable` when the sandbox has ended.
   */
  start(spec: ProcessSpec, listener: ProcessListener): Promise<SandboxProcess>;

  /** After `recover`: takes over a process that an earlier daemon started. */
  adopt(number: number, listener: ProcessListener): SandboxProcess;

  /** Freezes every process in it. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  update(resources: Resources): Promise<void>;
  /**
   * The networks of its namespace have changed, or their names: what programs see follows. Called with all that there is now.
   *
   * @throws WindowboxError `unsupported` for more networks than this mode has ({@link RuntimeFeatures.networks}).
   */
  followNetwork(change: { readonly hostname: string; readonly network: SandboxNetwork }): Promise<void>;
  stats(): Promise<SandboxStats>;
  /** Whether a program in it was ended because the memory of the sandbox was full. False when that cannot be found out. */
  ranOutOfMemory(): Promise<boolean>;
  /** The Windows processes in it, without the agent's own. */
  top(): Promise<readonly ProcessInfo[]>;

  /** Ends everything in it. With `keepLayer` the registry is written out first. Resolves when nothing is left but the layer. */
  stop(options: { readonly keepLayer: boolean }): Promise<void>;

  /** Resolves when the sandbox is gone, by `stop` or by itself. Never rejects. */
  readonly ended: Promise<SandboxEnd>;
}

export type SandboxEnd =
  { readonly how: 'stopped' } | { readonly how: 'died'; readonly reason: string; readonly outOfMemory: boolean };

export interface ProcessSpec {
  readonly number: number;
  /** A Windows command line, quoted by the rules of CommandLineToArgvW. */
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly stdin: boolean;
  readonly terminal?: TerminalSize;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ProcessListener {
  /** The program gets more room to write only when the returned promise has resolved: this is the back-pressure. */
  onOutput(chunk: OutputChunk): void | Promise<void>;
  /** Called once, after the last output. Code: all 32 bits, unsigned. */
  onExit(exitCode: number, sequence: number): void;
}

export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
  /** Number of this piece in the sandbox's life. Whoever stores the chunk stores it too, and gives the last one to `recover`. */
  readonly sequence: number;
}

export interface SandboxProcess {
  readonly number: number;
  /** Windows process id; 0 for an adopted process. */
  readonly pid: number;
  /** Resolves when there is room for more. Rejects with `unavailable` when the process has gone. */
  write(data: Uint8Array): Promise<void>;
  closeStdin(): void;
  resize(size: TerminalSize): void;
  /** A console event, as Windows sends it. */
  control(event: ConsoleEvent): void;
  /** Ends it and all that it started, at once. */
  terminate(exitCode: number): void;
}

export type ConsoleEvent = 'ctrl-c' | 'ctrl-break' | 'close' | 'logoff' | 'shutdown';

export interface SandboxStats {
  /** Milliseconds since 1970. */
  readonly readAt: number;
  readonly processCount: number;
  /** Nanoseconds of processor time since the sandbox began. */
  readonly cpuTotal: number;
  readonly cpuUser: number;
  readonly cpuKernel: number;
  /** Bytes. */
  readonly memory: number;
  readonly memoryPeak: number;
  readonly memoryPrivate: number;
  readonly storage: {
    readonly readBytes: number;
    readonly readCount: number;
    readonly writeBytes: number;
    readonly writeCount: number;
  };
}

export interface ProcessInfo {
  readonly name: string;
  readonly pid: number;
  readonly parentPid: number;
  /** Nanoseconds. */
  readonly cpu: number;
  /** Bytes. */
  readonly privateMemory: number;
}

/** C: of one container, seen from the host. Paths are Windows paths (`C:\dir\file`), matched without regard to case; no link leads out. */
export interface SandboxFiles {
  /** @throws WindowboxError `not-found`. */
  stat(path: string): Promise<FileStat>;
  /** A tar stream of a file or folder, entries named from its base name on, as `docker cp` wants it. */
  read(path: string): Promise<NodeJS.ReadableStream>;
  /** Unpacks a tar stream into an existing folder. */
  write(path: string, tar: NodeJS.ReadableStream, options: { readonly noOverwriteDirNonDir: boolean }): Promise<void>;
  /** What differs from the lower layers. */
  changes(): Promise<readonly FileChange[]>;
  /** Bytes of the writable layer. */
  size(): Promise<number>;
  close(): Promise<void>;
}

export interface FileStat {
  readonly name: string;
  readonly size: number;
  /** Go's os.FileMode bits, as the Docker API gives them. */
  readonly mode: number;
  readonly modified: Date;
  readonly linkTarget: string;
}

export interface FileChange {
  /** As Docker prints it on Windows: `C:\dir\file`. */
  readonly path: string;
  readonly kind: 'modified' | 'added' | 'deleted';
}
