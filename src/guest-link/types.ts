/** What `connectGuest` gives. The shapes fit `Sandbox` and `SandboxProcess` of the runtime contract. */
export interface GuestSession {
  /** Programs that the guest knew when the session began, with their Windows process ids (0: not started yet). For `adopt`. */
  readonly known: ReadonlyMap<number, { readonly pid: number }>;

  /**
   * Starts a program.
   *
   * @throws WindowboxError `not-found` when Windows finds no such program, `invalid-argument` for a working folder or user
   * that does not exist or a spec that cannot be sent; message is Windows' own text, the hint names the Win32 error.
   * `unavailable` when the connection has ended.
   */
  start(spec: GuestProcessSpec, listener: GuestListener): Promise<GuestProcess>;

  /**
   * Takes over a program of `known`. Its frames wait until then.
   *
   * @throws WindowboxError `not-found` when the guest does not know the number, `conflict` when it has a listener already.
   */
  adopt(number: number, listener: GuestListener): GuestProcess;

  top(): Promise<readonly GuestProcessInfo[]>;

  /**
   * Gives the sandbox the computer name that programs see which start from now on: for one that was prepared or restored before its
   * container was known. The Linux host name is the runtime's to set.
   */
  setHostname(name: string): void;

  /** Ends everything in the sandbox with the registry written out, and resolves when the guest has hung up or after `timeoutMs`. */
  shutdown(timeoutMs: number): Promise<void>;

  /** Leaves: the guest goes on, and another `connectGuest` takes over. */
  close(): void;

  /** Resolves with the reason when the connection has ended: the guest hung up, broke the protocol, or `close` was called. */
  readonly closed: Promise<GuestClosed>;
}

export interface GuestClosed {
  readonly how: 'closed' | 'hung-up' | 'broken';
  readonly reason: string;
}

export interface GuestProcessSpec {
  readonly number: number;
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly stdin: boolean;
  readonly terminal?: GuestTerminalSize;
}

export interface GuestTerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface GuestListener {
  /**
   * The chunk counts as done, for the guest and for a later `last`, when this has returned and its promise has resolved;
   * a rejection counts the same. Until then it takes room in the program's window.
   */
  onOutput(chunk: GuestOutput): void | Promise<void>;
  /** Called once, after the last output is done. */
  onExit(exitCode: number, sequence: number): void;
}

export interface GuestOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
  readonly sequence: number;
}

export interface GuestProcess {
  readonly number: number;
  readonly pid: number;
  write(data: Uint8Array): Promise<void>;
  closeStdin(): void;
  resize(size: GuestTerminalSize): void;
  control(event: GuestConsoleEvent): void;
  terminate(exitCode: number): void;
}

export type GuestConsoleEvent = 'ctrl-c' | 'ctrl-break' | 'close' | 'logoff' | 'shutdown';

export interface GuestProcessInfo {
  readonly name: string;
  readonly pid: number;
  readonly parentPid: number;
  /** Nanoseconds. */
  readonly cpu: number;
  /** Bytes. */
  readonly privateMemory: number;
}
