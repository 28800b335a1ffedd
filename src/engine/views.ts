import type { Container } from './container.js';
import type { EngineContext } from './context.js';
import { plannedNetworks } from './lifecycle/change-networks.js';
import { logPathOf } from './logs/log-path.js';
import type { ContainerView } from './types.js';

/** All that is known of a container now. */
export function viewOf(context: EngineContext, container: Container): ContainerView {
  const { record, live } = container;
  return {
    id: record.id,
    name: record.name,
    createdAt: record.createdAt,
    settings: record.settings,
    effective: record.effective,
    imageId: record.imageId,
    isolation: record.isolation,
    osVersion: record.osVersion,
    state: record.state,
    restartCount: record.restartCount,
    health: live?.health?.state,
    mounts: record.mounts,
    networks: live === undefined ? plannedNetworks(record.settings) : record.networks,
    ports: record.ports,
    logPath: record.settings.logging.driver === 'none' ? '' : logPathOf(context, record.id),
    execIds: context.execs
      .ofContainer(record.id)
      .filter(({ state }) => state.status === 'running')
      .map(({ id }) => id),
  };
}

/** With the bytes of its writable layer; Docker's `-s`. */
export async function viewWithSize(context: EngineContext, container: Container): Promise<ContainerView> {
  const { record } = container;
  const files = await context.runtime(record.isolation)?.openFiles(record.id, record.layer);
  if (files === undefined) return viewOf(context, container);
  try {
    const writable = await files.size();
    return { ...viewOf(context, container), size: { writable, root: writable } };
  } finally {
    await files.close();
  }
}
