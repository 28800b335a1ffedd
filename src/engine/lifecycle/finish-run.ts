import { describeError } from '../../errors/index.js';
import type { Container, LiveContainer } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import type { ContainerState } from '../types.js';
import { publishNetworkEvents } from './change-networks.js';
import { recordWhatHappened } from './change-record.js';
import type { RunEnd } from './run-end.js';
import { forgetContainer } from './remove-container.js';
import { restartDelay, scheduleRestart, shouldRestart } from './restart-policy.js';

/**
 * Deals with the end of a container's program, in Docker's order: streams end, `die` (and `oom` before it), state on disk, waiting
 * clients answered, sandbox taken down, then restart or removal. Clients are answered before the sandbox is taken down, since
 * whoever uses the container next waits for the mutex anyway; only published ports are freed first.
 */
export async function finishRun(context: EngineContext, container: Container, how: RunEnd): Promise<void> {
  await container.mutex.run(async () => {
    const { live } = container;
    if (live === undefined) return;
    const end = await explainEnd(live, how);
    live.health?.stop();
    await live.log?.close();
    container.hub.setInput(undefined);
    container.hub.end();
    container.live = undefined;
    const { record } = container;
    if (Object.keys(record.ports).length > 0) await release(context, container);
    const restart = shouldRestart(record, end) && !context.closing.aborted && !container.removing;
    const remove = record.settings.autoRemove && !restart;
    const delay = restartDelay(record, Date.now() - live.startedAt);
    saveEnd(context, container, { end, live, restart, remove });
    await takeDown(context, container, { live, keepLayer: !remove });
    if (restart) scheduleRestart(context, container, delay);
  });
}

/** Wine's exit code of a program that the kernel ended is 1, as of one that failed by itself: Docker's is 137. */
async function explainEnd(live: LiveContainer, end: RunEnd): Promise<RunEnd> {
  if (end.outOfMemory || !(await live.sandbox.ranOutOfMemory().catch(() => false))) return end;
  return { ...end, outOfMemory: true, exitCode: end.exitCode === 1 ? 137 : end.exitCode };
}

function saveEnd(
  context: EngineContext,
  container: Container,
  about: { readonly end: RunEnd; readonly live: LiveContainer; readonly restart: boolean; readonly remove: boolean },
): void {
  const { end, live } = about;
  const finishedAt = Date.now();
  const state: ContainerState = about.restart
    ? { status: 'restarting', startedAt: live.startedAt, finishedAt, exitCode: end.exitCode }
    : { status: 'exited', startedAt: live.startedAt, finishedAt, ...end };
  const { networks } = container.record;
  if (about.remove) container.record = { ...container.record, state };
  else recordWhatHappened(context, container, { state, networks: {}, ports: {} });
  if (end.outOfMemory) publishContainerEvent(context, container, { action: 'oom' });
  const seconds = Math.floor((finishedAt - live.startedAt) / 1000);
  publishContainerEvent(context, container, {
    action: 'die',
    attributes: { execDuration: String(seconds), exitCode: String(end.exitCode) },
  });
  publishNetworkEvents(context, container, { action: 'disconnect', networks });
  if (about.remove) forgetEnded(context, container);
  answerWaiters(container, { end, restart: about.restart, removed: about.remove });
}

/** Where its row cannot be deleted the container is kept, ended, for its owner to remove when there is room again. */
function forgetEnded(context: EngineContext, container: Container): void {
  try {
    forgetContainer(context, container);
  } catch (error) {
    context.logger.warn('Cannot remove a container', { container: container.record.id, reason: describeError(error) });
  }
}

function answerWaiters(
  container: Container,
  about: { readonly end: RunEnd; readonly restart: boolean; readonly removed: boolean },
): void {
  for (const waiter of container.waiters) {
    if (waiter.condition === 'removed' && !about.removed) continue;
    if (waiter.condition === 'not-running' && about.restart) continue;
    container.waiters.delete(waiter);
    waiter.resolve({ exitCode: about.end.exitCode });
  }
}

async function takeDown(
  context: EngineContext,
  container: Container,
  about: { readonly live: LiveContainer; readonly keepLayer: boolean },
): Promise<void> {
  try {
    await about.live.sandbox.stop({ keepLayer: about.keepLayer });
    await release(context, container);
    if (!about.keepLayer) await context.dispose(container.record, { volumes: true });
  } catch (error) {
    context.logger.warn('Cannot take down a sandbox; the next start of the daemon cleans up', {
      container: container.record.id,
      reason: describeError(error),
    });
  }
}

async function release(context: EngineContext, container: Container): Promise<void> {
  await context.network.disconnect(container.record.id);
}
