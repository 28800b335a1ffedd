import { mkdir } from 'node:fs/promises';
import { createContainerOperations } from './container-operations.js';
import { createContainerRegistry } from './container-registry.js';
import { createContainerStore } from './container-store.js';
import type { EngineContext } from './context.js';
import type { EngineDependencies } from './dependencies.js';
import type { Engine } from './engine.js';
import { createEventBus } from './events.js';
import { recoverContainers } from './lifecycle/recover-containers.js';
import { disposeOf, removeContainer } from './lifecycle/remove-container.js';
import { startContainer } from './lifecycle/start-container.js';
import { createExecRegistry } from './process/exec-registry.js';
import { createExecOperations } from './process/exec-operations.js';
import { createVolumeOperations } from './volumes/volume-operations.js';
import { createVolumeStore } from './volumes/volume-store.js';

/** Puts the engine together and brings back what an earlier daemon left running. */
export async function makeEngine(dependencies: EngineDependencies): Promise<Engine> {
  await mkdir(dependencies.paths.containers, { recursive: true, mode: 0o711 });
  const closing = new AbortController();
  const context = makeContext(dependencies, closing.signal);
  await recoverContainers(context);
  return {
    containers: createContainerOperations(context),
    execs: createExecOperations(context),
    volumes: createVolumeOperations(context),
    events: (options) => context.events.subscribe(options),
    publish: (event) => context.events.publish(event),
    close: async () => {
      closing.abort();
      for (const container of context.registry.all()) {
        clearTimeout(container.restartTimer);
        container.live?.health?.stop();
      }
      // Whatever is under way on a container ends before the database is closed.
      await Promise.all(context.registry.all().map(async ({ mutex }) => mutex.run(async () => Promise.resolve())));
    },
  };
}

function makeContext(dependencies: EngineDependencies, closing: AbortSignal): EngineContext {
  const store = createContainerStore(dependencies.database, dependencies.logger);
  const context: EngineContext = {
    ...dependencies,
    registry: createContainerRegistry(),
    store,
    events: createEventBus(),
    execs: createExecRegistry(),
    volumes: createVolumeStore(dependencies.paths, store),
    closing,
    start: async (container) => startContainer(context, container),
    remove: async (container) => removeContainer(context, container, { force: true, volumes: true }),
    dispose: async (record, options) => disposeOf(context, record, options),
  };
  return context;
}
