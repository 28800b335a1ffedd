import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, isErrorCode, WindowboxError } from '../../errors/index.js';
import type { Container, ContainerRecord } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import { dockerText } from '../docker-texts.js';
import { generateId } from '../generate-id.js';
import { forgetLogFiles } from '../logs/log-files.js';
import { logPathOf } from '../logs/log-path.js';
import { killContainer } from './stop-container.js';

/** @throws WindowboxError `conflict` for a container that runs, unless `force`, or that is being removed already. */
export async function removeContainer(
  context: EngineContext,
  container: Container,
  options: { readonly force: boolean; readonly volumes: boolean },
): Promise<void> {
  const { record } = container;
  if (container.removing)
    throw new WindowboxError('conflict', `removal of container ${record.id} is already in progress`);
  refuseRunning(container, options.force);
  container.removing = true;
  try {
    clearTimeout(container.restartTimer);
    if (container.live !== undefined) await killContainer(context, container, 'KILL');
    await container.mutex.run(async () => {
      if (context.registry.byId(record.id) === undefined) return;
      await forgetAndDispose(context, container, options);
    });
  } finally {
    container.removing = false;
  }
}

async function forgetAndDispose(
  context: EngineContext,
  container: Container,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  const { record } = container;
  try {
    forgetContainer(context, container);
  } catch (error) {
    if (!isErrorCode(error, 'resource-exhausted')) throw error;
    // On a full disk its files go first: they make the room that the change of the table needs.
    await context.dispose(record, { volumes: false });
    forgetContainer(context, container);
  }
  answerRemoved(container);
  await context.dispose(record, { volumes });
}

function refuseRunning(container: Container, force: boolean): void {
  if (force) return;
  const { state, name } = container.record;
  if (state.status === 'running' || state.status === 'restarting')
    throw new WindowboxError('conflict', dockerText('removeRunning', name));
  if (state.status === 'paused') throw new WindowboxError('conflict', dockerText('removePaused', name));
}

/** From here on nobody finds it: row, name, image lease. Its files go afterwards, with `dispose`. */
export function forgetContainer(context: EngineContext, container: Container): void {
  const { record } = container;
  context.store.delete(record.id);
  context.registry.remove(container);
  context.execs.removeOf(record.id);
  context.images.release(record.imageId, record.id);
  container.hub.end();
  publishContainerEvent(context, container, { action: 'destroy' });
}

function answerRemoved(container: Container): void {
  const { state } = container.record;
  const exitCode = state.status === 'exited' ? state.exitCode : 0;
  for (const waiter of container.waiters) waiter.resolve({ exitCode });
  container.waiters.clear();
}

/**
 * Removes the files of a container that is forgotten: its layer, its log, what a runtime left. Moved away first, so that a crash
 * in the middle leaves one folder that the next daemon knows to be rubbish.
 */
export async function disposeOf(
  context: Omit<EngineContext, 'dispose'>,
  record: ContainerRecord,
  options: { readonly volumes: boolean },
): Promise<void> {
  await context.runtime(record.isolation)?.purge(record.id);
  forgetLogFiles(logPathOf(context, record.id));
  const folders = new Set([join(context.paths.containers, record.id), record.layer.folder]);
  for (const folder of folders) await removeFolder(context, folder);
  if (options.volumes) await removeAnonymousVolumes(context, record);
}

async function removeFolder(context: Pick<EngineContext, 'paths'>, folder: string): Promise<void> {
  const doomed = join(context.paths.containers, `.removed-${generateId().slice(0, 12)}`);
  try {
    await rename(folder, doomed);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  await rm(doomed, { recursive: true, force: true });
}

/** Removes a container of which no more than the id can be read. Its volumes stay: which were its own is not known. */
export async function removeDamaged(context: EngineContext, id: string): Promise<void> {
  for (const isolation of ['process', 'hyperv'] as const) await context.runtime(isolation)?.purge(id);
  forgetLogFiles(logPathOf(context, id));
  context.store.delete(id);
  context.registry.damaged.delete(id);
  context.images.release('', id);
  await removeFolder(context, join(context.paths.containers, id));
}

async function removeAnonymousVolumes(
  context: Pick<EngineContext, 'registry' | 'volumes' | 'events'>,
  record: ContainerRecord,
): Promise<void> {
  for (const mount of record.mounts) {
    const volume = mount.type === 'volume' ? context.volumes.get(mount.name) : undefined;
    const users = context.registry.all().filter((other) => other.record.mounts.some(({ name }) => name === mount.name));
    if (volume?.anonymous !== true || users.length > 0) continue;
    await context.volumes.remove(volume.name);
    context.events.publish({
      type: 'volume',
      action: 'destroy',
      actor: volume.name,
      attributes: { driver: volume.driver },
    });
  }
}
