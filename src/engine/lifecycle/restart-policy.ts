import { describeError } from '../../errors/index.js';
import type { Container, ContainerRecord } from '../container.js';
import type { EngineContext } from '../context.js';
import { changeRecord } from './change-record.js';

/** Docker's rule: what the user stopped stays stopped; `on-failure` counts only failures and only so many. */
export function shouldRestart(record: ContainerRecord, end: { readonly exitCode: number }): boolean {
  const { name, maximumRetryCount } = record.settings.restartPolicy;
  if (record.stoppedByUser || name === 'no') return false;
  if (name !== 'on-failure') return true;
  return end.exitCode !== 0 && (maximumRetryCount === 0 || record.restartCount < maximumRetryCount);
}

/** Milliseconds before the next start: 100, doubled each time up to a minute; from the beginning after a run of ten seconds. */
export function restartDelay(record: Pick<ContainerRecord, 'restartCount'>, ranFor: number): number {
  return ranFor >= 10_000 ? 100 : Math.min(100 * 2 ** Math.min(record.restartCount, 10), 60_000);
}

/** Starts the container again after `delay`, and again if that fails. The caller holds the mutex. */
export function scheduleRestart(context: EngineContext, container: Container, delay: number): void {
  changeRecord(context, container, { restartCount: container.record.restartCount + 1 });
  container.restartTimer = setTimeout(() => {
    void container.mutex.run(async () => restart(context, container));
  }, delay);
}

async function restart(context: EngineContext, container: Container): Promise<void> {
  const { state } = container.record;
  if (state.status !== 'restarting' || container.removing || context.closing.aborted) return;
  try {
    await context.start(container);
  } catch (error) {
    context.logger.warn('Cannot restart a container', { container: container.record.id, reason: describeError(error) });
    if (!shouldRestart(container.record, { exitCode: 1 })) return;
    changeRecord(context, container, { state });
    scheduleRestart(context, container, restartDelay(container.record, 0));
  }
}
