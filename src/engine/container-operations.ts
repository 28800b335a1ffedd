import { join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import { createDeferred } from '../platform/index.js';
import type { Container } from './container.js';
import { publishContainerEvent } from './container-events.js';
import type { EngineContext } from './context.js';
import { dockerText } from './docker-texts.js';
import type { ContainerOperations, ContainerReading } from './engine.js';
import { createFileOperations } from './file-operations.js';
import { changeRecord } from './lifecycle/change-record.js';
import { checkName, createContainer } from './lifecycle/create-container.js';
import { joinNetwork, leaveNetwork } from './lifecycle/change-networks.js';
import { pauseContainer, unpauseContainer } from './lifecycle/pause-container.js';
import { pruneContainers } from './lifecycle/prune-containers.js';
import { removeContainer, removeDamaged } from './lifecycle/remove-container.js';
import { killContainer, stopContainer } from './lifecycle/stop-container.js';
import { updateContainer } from './lifecycle/update-container.js';
import { listContainers } from './list-containers.js';
import { attachContainer, containerLogs } from './streams.js';
import type { ContainerState, WaitCondition, WaitResult } from './types.js';
import { viewOf, viewWithSize } from './views.js';

export function createContainerOperations(context: EngineContext): ContainerOperations {
  const find = (ref: string): Container => context.registry.find(ref);
  const locked = async <T>(ref: string, work: (container: Container) => Promise<T>): Promise<T> => {
    const container = find(ref);
    return container.mutex.run(async () => work(container));
  };
  return {
    create: async (settings, options) => createContainer(context, settings, options),
    start: async (ref) => locked(ref, async (container) => context.start(container)),
    stop: async (ref, options) => stopContainer(context, find(ref), options),
    restart: async (ref, options) => {
      const container = find(ref);
      if (container.live !== undefined) await stopContainer(context, container, options);
      await container.mutex.run(async () => context.start(container));
      publishContainerEvent(context, container, { action: 'restart' });
    },
    kill: async (ref, signal) => killContainer(context, find(ref), signal),
    pause: async (ref) => locked(ref, async (container) => pauseContainer(context, container)),
    unpause: async (ref) => locked(ref, async (container) => unpauseContainer(context, container)),
    rename: async (ref, name) => locked(ref, async (container) => rename(context, container, name)),
    joinNetwork: async (ref, network, endpoint) =>
      locked(ref, async (container) => joinNetwork(context, container, { network, endpoint })),
    leaveNetwork: async (ref, network) => locked(ref, async (container) => leaveNetwork(context, container, network)),
    remove: async (ref, options) => removeByRef(context, ref, options),
    update: async (ref, request) => locked(ref, async (container) => updateContainer(context, container, request)),
    prune: async (filters) => pruneContainers(context, filters),

    list: async (options) => listContainers(context, options),
    inspect: async (ref, options) =>
      options?.size === true ? viewWithSize(context, find(ref)) : Promise.resolve(viewOf(context, find(ref))),
    top: async (ref) => {
      const { live, record } = find(ref);
      if (live === undefined) throw new WindowboxError('conflict', dockerText('notRunning', record.id));
      return live.sandbox.top();
    },
    stats: async (ref) => readStats(context, find(ref)),
    wait: async (ref, condition, signal) => Promise.resolve({ result: waitFor(find(ref), condition, signal) }),

    attach: async (ref, options) => attachContainer(context, find(ref), options),
    resize: async (ref, size) => {
      const { live, record } = find(ref);
      if (live === undefined) throw new WindowboxError('conflict', dockerText('notRunning', record.id));
      live.process.resize(size);
      return Promise.resolve();
    },
    logs: async (ref, options) => Promise.resolve(containerLogs(context, find(ref), options)),
    // Under the lock: a program that has just ended may still have its registry written out.
    writableLayer: async (ref) =>
      locked(ref, async ({ live, record }) =>
        Promise.resolve({
          imageId: record.imageId,
          folder: join(record.layer.folder, 'upper'),
          running: live !== undefined,
        }),
      ),
    ...createFileOperations(context),
  };
}

async function readStats(context: EngineContext, container: Container): Promise<ContainerReading> {
  const stats = await container.live?.sandbox.stats();
  const traffic = stats === undefined ? new Map<string, never>() : await context.network.traffic(container.record.id);
  return { view: viewOf(context, container), stats, traffic };
}

async function removeByRef(
  context: EngineContext,
  ref: string,
  options: { readonly force: boolean; readonly volumes: boolean },
): Promise<void> {
  const damaged = context.registry.findDamaged(ref);
  if (damaged === undefined) await removeContainer(context, context.registry.find(ref), options);
  else await removeDamaged(context, damaged);
}

async function rename(context: EngineContext, container: Container, wanted: string): Promise<void> {
  if (wanted === '' || wanted === '/') throw new WindowboxError('invalid-argument', dockerText('renameEmpty'));
  if (wanted.replace(/^\//u, '') === container.record.name)
    throw new WindowboxError('invalid-argument', dockerText('renameSame'));
  const oldName = container.record.name;
  changeRecord(context, container, { name: checkName(context, wanted) });
  context.network.rename(container.record.id, container.record.name);
  publishContainerEvent(context, container, { action: 'rename', attributes: { oldName: `/${oldName}` } });
  return Promise.resolve();
}

/** A start that failed has a code too. */
function exitCodeOf(state: ContainerState): number {
  if (state.status === 'exited') return state.exitCode;
  return state.status === 'created' ? (state.failure?.exitCode ?? 0) : 0;
}

/** Registered before it returns, so that nothing that happens afterwards is missed. */
async function waitFor(container: Container, condition: WaitCondition, signal?: AbortSignal): Promise<WaitResult> {
  const { state } = container.record;
  const isUp = ['running', 'paused', 'restarting'].includes(state.status);
  if (condition === 'not-running' && !isUp) return { exitCode: exitCodeOf(state) };
  const deferred = createDeferred<WaitResult>();
  const waiter = { condition, resolve: (result: WaitResult) => deferred.resolve(result) };
  container.waiters.add(waiter);
  signal?.addEventListener('abort', () => container.waiters.delete(waiter));
  return deferred.promise;
}
