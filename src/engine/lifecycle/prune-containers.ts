import { matchesAll, labelMatches } from '../filters.js';
import type { EngineContext } from '../context.js';
import { parseUntil } from '../list-containers.js';
import type { Filters, PruneResult } from '../types.js';
import { viewWithSize } from '../views.js';
import { removeContainer } from './remove-container.js';

/** Removes every container that does not run and matches. */
export async function pruneContainers(context: EngineContext, filters: Filters): Promise<PruneResult> {
  const matches = matchesAll(filters, {
    label: ({ record }: Candidate, value) => labelMatches(record.effective.labels, value),
    'label!': ({ record }: Candidate, value) => !labelMatches(record.effective.labels, value),
    until: ({ record }: Candidate, value) => record.createdAt < parseUntil(value),
  });
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const container of context.registry.all()) {
    const { status } = container.record.state;
    if (!['created', 'exited', 'dead'].includes(status) || !matches(container)) continue;
    reclaimed += (await viewWithSize(context, container)).size?.writable ?? 0;
    await removeContainer(context, container, { force: false, volumes: false });
    deleted.push(container.record.id);
  }
  context.events.publish({
    type: 'container',
    action: 'prune',
    actor: '',
    attributes: { reclaimed: String(reclaimed) },
  });
  return { deleted, reclaimed };
}

type Candidate = ReturnType<EngineContext['registry']['all']>[number];
