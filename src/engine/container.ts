import type { Mutex } from '../platform/index.js';
import type { Isolation, Layer, Sandbox, SandboxProcess } from '../runtime/index.js';
import type { HealthMonitor } from './lifecycle/health.js';
import type { LogWriter } from './logs/log-writer.js';
import type { StreamHub } from './process/stream-hub.js';
import type {
  ContainerSettings,
  ContainerState,
  EffectiveProcess,
  EndpointView,
  HealthState,
  MountView,
  PortBinding,
} from './types.js';

/** What is saved of a container; plain JSON, replaced as a whole. */
export interface ContainerRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly settings: ContainerSettings;
  readonly effective: EffectiveProcess & { readonly argsEscaped: boolean };
  readonly imageId: string;
  readonly imageName: string;
  readonly isolation: Isolation;
  readonly osVersion: string;
  readonly layer: Layer;
  /** Nobody has written into the layer yet. */
  readonly pristine: boolean;
  readonly mounts: readonly MountView[];
  readonly state: ContainerState;
  readonly restartCount: number;
  /** The user stopped it: `unless-stopped` and `on-failure` leave it alone. */
  readonly stoppedByUser: boolean;
  readonly networks: Readonly<Record<string, EndpointView>>;
  readonly ports: Readonly<Record<string, readonly PortBinding[]>>;
}

/** A container as the engine holds it: what is saved, and what lives only as long as the daemon. */
export interface Container {
  record: ContainerRecord;
  /** For the program, and never in the record. */
  readonly unsavedEnv: readonly string[];
  /** Every change of state happens under it. */
  readonly mutex: Mutex;
  /** Streams of the container's own program; outlives a restart, so that a client may attach before the start. */
  readonly hub: StreamHub;
  /** Only while it runs. */
  live: LiveContainer | undefined;
  readonly waiters: Set<Waiter>;
  /** Pending restart by policy. */
  restartTimer: NodeJS.Timeout | undefined;
  removing: boolean;
}

export interface LiveContainer {
  readonly sandbox: Sandbox;
  readonly process: SandboxProcess;
  readonly log: LogWriter | undefined;
  readonly health: HealthMonitor | undefined;
  /** Ids of execs that were started in this run. */
  readonly execs: Set<string>;
  readonly startedAt: number;
  /** Resolves when the exit has been dealt with. */
  readonly finished: Promise<void>;
  /** Aborts then: for those who may stop waiting before, since what is tied to a promise stays tied. */
  readonly over: AbortSignal;
}

export interface Waiter {
  readonly condition: 'not-running' | 'next-exit' | 'removed';
  resolve(result: { readonly exitCode: number; readonly error?: string }): void;
}

export type { HealthState };
