import { describeError, WindowboxError } from '../../../errors/index.js';
import {
  createContainerSchema,
  dockerTexts,
  hasFeature,
  parseBody,
  parseFilters,
  updateContainerSchema,
} from '../../../docker-api/index.js';
import type { UpdateRequest } from '../../../engine/index.js';
import { type ApiRequest, pathParameter, queryFlag, queryInteger, queryText } from '../../http/api-request.js';
import { readJson, readJsonValue } from '../../http/read-body.js';
import { empty, json, type Reply } from '../../http/reply.js';
import { checkResources, checkRestartPolicy, checkWindowsOptions, warningsOf } from './check-windows-options.js';
import type { ContainerContext } from './context.js';
import { restartPolicyOf, settingsFromCreate } from './settings-from-create.js';

export async function createContainer(
  request: ApiRequest,
  { containers, processors }: ContainerContext,
): Promise<Reply> {
  const value = await readJsonValue(request);
  if (value === undefined || value === null) throw new WindowboxError('invalid-argument', dockerTexts.emptyCreate);
  const body = parseBody(createContainerSchema, value, 'CreateRequest');
  checkWindowsOptions(body, processors());
  const settings = settingsFromCreate(body, request.version);
  const platform = hasFeature(request.version, 'createPlatform') ? queryText(request, 'platform') : undefined;
  const { id, warnings } = await containers.create(settings, { name: queryText(request, 'name'), platform });
  return json({ Id: id, Warnings: [...warnings, ...warningsOf(body.HostConfig)] }, 201);
}

export async function startContainer(request: ApiRequest, { containers, metrics }: ContainerContext): Promise<Reply> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > 7 || request.headers['transfer-encoding'] !== undefined)
    throw new WindowboxError('invalid-argument', dockerTexts.bodyAtStart);
  if (queryText(request, 'checkpoint') !== undefined)
    throw new WindowboxError('unsupported', 'Cannot start from a checkpoint: Windows does not support checkpoints');
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1000;
  try {
    await containers.start(pathParameter(request, 'name'));
  } catch (error) {
    const failure = error instanceof WindowboxError ? error.code : 'internal';
    if (failure !== 'not-modified') metrics.countStart({ seconds: seconds(), failure });
    throw error;
  }
  metrics.countStart({ seconds: seconds(), failure: undefined });
  return empty();
}

export async function stopContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  await containers.stop(pathParameter(request, 'name'), stopOptions(request));
  return empty();
}

export async function restartContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  await containers.restart(pathParameter(request, 'name'), stopOptions(request));
  return empty();
}

export async function killContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const name = pathParameter(request, 'name');
  try {
    await containers.kill(name, queryText(request, 'signal'));
  } catch (error) {
    if (!(error instanceof WindowboxError)) throw error;
    throw new WindowboxError(error.code, `cannot kill container: ${name}: ${describeError(error)}`, { cause: error });
  }
  return empty();
}

export async function pauseContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  await containers.pause(pathParameter(request, 'name'));
  return empty();
}

export async function unpauseContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  await containers.unpause(pathParameter(request, 'name'));
  return empty();
}

export async function renameContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const name = queryText(request, 'name');
  if (name === undefined) throw new WindowboxError('invalid-argument', 'Neither old nor new names may be empty');
  await containers.rename(pathParameter(request, 'name'), name);
  return empty();
}

export async function removeContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  if (queryFlag(request, 'link'))
    throw new WindowboxError('invalid-argument', 'Windows does not support links between containers');
  await containers.remove(pathParameter(request, 'name'), {
    force: queryFlag(request, 'force'),
    volumes: queryFlag(request, 'v'),
  });
  return empty();
}

export async function updateContainer(
  request: ApiRequest,
  { containers, processors }: ContainerContext,
): Promise<Reply> {
  const body = await readJson(request, updateContainerSchema, 'UpdateConfig');
  checkResources(body, processors());
  if (body.RestartPolicy) checkRestartPolicy({ RestartPolicy: body.RestartPolicy, AutoRemove: false });
  const update: UpdateRequest = {
    // 0 in an update means "as it was", in Docker too.
    resources: {
      ...(body.Memory ? { memory: body.Memory } : {}),
      ...(body.NanoCpus ? { nanoCpus: body.NanoCpus } : {}),
      ...(body.CpuShares ? { cpuShares: body.CpuShares } : {}),
      ...(body.CpuCount ? { cpuCount: body.CpuCount } : {}),
      ...(body.CpuPercent ? { cpuPercent: body.CpuPercent } : {}),
    },
    restartPolicy: body.RestartPolicy?.Name ? restartPolicyOf(body.RestartPolicy) : undefined,
  };
  const { warnings } = await containers.update(pathParameter(request, 'name'), update);
  return json({ Warnings: warnings.length > 0 ? warnings : null });
}

export async function pruneContainers(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const filters = parseFilters(queryText(request, 'filters'));
  const { deleted, reclaimed } = await containers.prune(filters);
  return json({ ContainersDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed });
}

function stopOptions(request: ApiRequest): { timeout: number | undefined; signal: string | undefined } {
  return {
    timeout: queryInteger(request, 't'),
    signal: hasFeature(request.version, 'stopSignal') ? queryText(request, 'signal') : undefined,
  };
}
