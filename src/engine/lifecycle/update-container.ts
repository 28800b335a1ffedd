import { WindowboxError } from '../../errors/index.js';
import type { Container } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import { dockerText } from '../docker-texts.js';
import type { ContainerResources, UpdateRequest } from '../types.js';
import { changeRecord } from './change-record.js';
import { checkRestartPolicy, checkSettings } from './check-settings.js';
import { nanoCpusOf } from './start-container.js';

/** Changes limits and restart policy of a container, running or not. Nothing is saved when the runtime refuses. */
export async function updateContainer(
  context: EngineContext,
  container: Container,
  request: UpdateRequest,
): Promise<{ readonly warnings: readonly string[] }> {
  const { settings } = container.record;
  const restartPolicy = request.restartPolicy ?? settings.restartPolicy;
  checkRestartPolicy(restartPolicy);
  if (settings.autoRemove && restartPolicy.name !== 'no')
    throw new WindowboxError('conflict', dockerText('autoRemoveUpdate'));
  const resources: ContainerResources = { ...settings.resources, ...request.resources };
  const changed = { ...settings, restartPolicy, resources };
  const warnings = checkSettings(changed);
  if (Object.keys(request.resources).length > 0)
    await container.live?.sandbox.update({
      memory: resources.memory,
      nanoCpus: nanoCpusOf(resources),
      cpuShares: resources.cpuShares,
      pidsLimit: resources.pidsLimit,
    });
  changeRecord(context, container, { settings: changed });
  publishContainerEvent(context, container, { action: 'update' });
  return { warnings };
}
