import type { Container, ContainerRecord } from '../container.js';
import type { EngineContext } from '../context.js';

/** Changes a container's record, on disk first: what a client was told survives a power cut. */
export function changeRecord(context: EngineContext, container: Container, change: Partial<ContainerRecord>): void {
  const record = { ...container.record, ...change };
  context.store.save(record);
  container.record = record;
}
