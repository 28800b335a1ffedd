import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../../errors/index.js';
import type { Container, ContainerRecord } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import { inspectLog } from '../logs/read-records.js';
import { recordWhatHappened } from './change-record.js';
import { followNetwork } from './change-networks.js';
import { newContainer } from './create-container.js';
import { logPathOf } from '../logs/log-path.js';
import { followRun } from './follow-run.js';
import { restartDelay, scheduleRestart, shouldRestart } from './restart-policy.js';

/**
 * Brings back what an earlier daemon left: containers that still run are taken over with the output of the gap, those that ended
 * meanwhile are told so and restarted by their policy, leftovers of sandboxes that nobody knows are removed. One container that
 * cannot be brought back does not keep the others.
 */
export async function recoverContainers(context: EngineContext): Promise<void> {
  const { records, damaged } = context.store.loadAll();
  for (const id of damaged) context.registry.damaged.add(id);
  const containers = records.map((record) => newContainer(record));
  for (const container of containers) {
    context.registry.add(container);
    holdImage(context, container.record);
  }
  await Promise.all(
    containers.map(async (container) => container.mutex.run(async () => recoverOne(context, container))),
  );
  await removeLeftovers(context);
  releaseImages(context);
}

/** A crash between the end of a container and that of its lease leaves an image that nobody can remove. */
function releaseImages(context: EngineContext): void {
  const { images, registry } = context;
  for (const holder of images.holders())
    if (registry.byId(holder) === undefined && !registry.damaged.has(holder)) images.release('', holder);
}

/** Without its image a container cannot be started again; it may still run, and what it wrote can be copied out. */
function holdImage(context: EngineContext, { id, imageId }: ContainerRecord): void {
  try {
    context.images.hold(imageId, id);
  } catch (error) {
    context.logger.warn('Cannot hold the image of a container', { container: id, reason: describeError(error) });
  }
}

async function recoverOne(context: EngineContext, container: Container): Promise<void> {
  const { record } = container;
  const { state } = record;
  try {
    if (state.status === 'running' || state.status === 'paused') await takeOver(context, container, state.startedAt);
    else if (state.status === 'restarting') scheduleRestart(context, container, restartDelay(record, 0));
    else if (state.status === 'exited' && startsWithDaemon(record)) scheduleRestart(context, container, 0);
  } catch (error) {
    context.logger.warn('Cannot bring back a container', { container: record.id, reason: describeError(error) });
    endedMeanwhile(context, container, `Cannot bring back the container: ${describeError(error)}`);
  }
}

async function takeOver(context: EngineContext, container: Container, startedAt: number): Promise<void> {
  const { record } = container;
  const { lastSequence } = await inspectLog(logPathOf(context, record.id));
  const sandbox = await context.runtime(record.isolation)?.recover(record.id, lastSequence);
  if (sandbox === undefined) {
    endedMeanwhile(context, container, 'the container ended while the daemon was not running');
    return;
  }
  if (record.state.status === 'paused') await sandbox.pause();
  const run = await followRun(context, container, sandbox, { startedAt });
  container.live = run;
  run.begin();
  // The daemon may have died between a change of the networks and the sandbox's.
  await followNetwork(context, container, sandbox).catch((error: unknown) => {
    context.logger.warn('Cannot renew what a container sees of its networks', {
      container: record.id,
      reason: describeError(error),
    });
  });
}

/** Nobody saw its exit code: Docker says 255 then on Linux and Windows alike. */
function endedMeanwhile(context: EngineContext, container: Container, reason: string): void {
  const { state } = container.record;
  const startedAt = 'startedAt' in state ? state.startedAt : 0;
  const end = { exitCode: 255, outOfMemory: false, error: reason };
  const restart = shouldRestart(container.record, end);
  recordWhatHappened(context, container, {
    networks: {},
    ports: {},
    state: restart
      ? { status: 'restarting', startedAt, finishedAt: Date.now(), exitCode: end.exitCode }
      : { status: 'exited', startedAt, finishedAt: Date.now(), ...end },
  });
  publishContainerEvent(context, container, { action: 'die', attributes: { exitCode: String(end.exitCode) } });
  if (restart) scheduleRestart(context, container, restartDelay(container.record, 0));
  else if (container.record.settings.autoRemove) void context.remove(container);
}

/** `always` starts with the daemon even after a stop by the user; `unless-stopped` not. */
function startsWithDaemon(record: ContainerRecord): boolean {
  const { name } = record.settings.restartPolicy;
  return name === 'always' || (name === 'unless-stopped' && !record.stoppedByUser);
}

/** Sandboxes that no running container owns, and folders of containers that no row knows. */
async function removeLeftovers(context: EngineContext): Promise<void> {
  const running = new Set(
    context.registry
      .all()
      .filter(({ live }) => live !== undefined)
      .map(({ record }) => record.id),
  );
  for (const isolation of ['process', 'hyperv'] as const) {
    const runtime = context.runtime(isolation);
    for (const id of (await runtime?.list()) ?? []) if (!running.has(id)) await runtime?.purge(id);
  }
  const owned = new Set(
    context.registry.all().flatMap(({ record }) => [join(context.paths.containers, record.id), record.layer.folder]),
  );
  // What such a container wrote may be all that its owner has.
  for (const id of context.registry.damaged) owned.add(join(context.paths.containers, id));
  for (const name of await readdir(context.paths.containers).catch(() => [])) {
    const folder = join(context.paths.containers, name);
    if (!owned.has(folder)) await rm(folder, { recursive: true, force: true });
  }
}
