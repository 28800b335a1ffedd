import { describeError } from '../../errors/index.js';
import type { Container, ContainerRecord } from '../container.js';
import type { EngineContext } from '../context.js';

/** Changes a container's record, on disk first: what a client was told survives a power cut. */
export function changeRecord(context: EngineContext, container: Container, change: Partial<ContainerRecord>): void {
  const record = { ...container.record, ...change };
  context.store.save(record);
  container.record = record;
}

/**
 * As {@link changeRecord} for what has happened already, or must not be refused as a stop: on a full disk it goes on in memory, with a warning.
 * A daemon that then dies before the next change finds the record before it.
 */
export function recordWhatHappened(
  context: EngineContext,
  container: Container,
  change: Partial<ContainerRecord>,
): void {
  try {
    changeRecord(context, container, change);
  } catch (error) {
    container.record = { ...container.record, ...change };
    context.logger.warn('Cannot save the state of a container', {
      container: container.record.id,
      reason: describeError(error),
    });
  }
}
