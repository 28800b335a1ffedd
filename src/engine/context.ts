import type { Container, ContainerRecord } from './container.js';
import type { ContainerRegistry } from './container-registry.js';
import type { ContainerStore } from './container-store.js';
import type { EngineDependencies } from './dependencies.js';
import type { EventBus } from './events.js';
import type { ExecRegistry } from './process/exec-registry.js';
import type { VolumeStore } from './volumes/volume-store.js';

/** What every operation of the engine works on. */
export interface EngineContext extends EngineDependencies {
  readonly registry: ContainerRegistry;
  readonly store: ContainerStore;
  readonly events: EventBus;
  readonly execs: ExecRegistry;
  readonly volumes: VolumeStore;
  /** Set when the daemon shuts down: nothing is started or restarted any more. */
  readonly closing: AbortSignal;
  /** Acts that the end of a run leads to; here, so that the files of a life cycle do not import each other in a circle. */
  start(container: Container): Promise<void>;
  remove(container: Container): Promise<void>;
  /** Removes the files of a container that is forgotten, anonymous volumes too when asked. */
  dispose(record: ContainerRecord, options: { readonly volumes: boolean }): Promise<void>;
}
