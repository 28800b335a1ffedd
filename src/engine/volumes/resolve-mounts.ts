import { realpath, stat } from 'node:fs/promises';
import { isErrno, WindowboxError } from '../../errors/index.js';
import type { EngineContext } from '../context.js';
import type { EngineImage } from '../dependencies.js';
import { dockerText } from '../docker-texts.js';
import type { ContainerSettings, MountRequest, MountView } from '../types.js';
import { checkMount, normaliseTarget, parseBind } from './parse-mount.js';

/**
 * The mounts of a container: `-v`, `--mount` and the image's volumes, each target once. Volumes that do not exist are made; a
 * missing source of a bind mount is an error, as it is for Docker on Windows.
 */
export async function resolveMounts(
  context: EngineContext,
  settings: ContainerSettings,
  image: EngineImage,
): Promise<readonly MountView[]> {
  const requests = [...settings.binds.map(parseBind), ...settings.mounts.map(checkMount)];
  const targets = new Set<string>();
  for (const { target } of requests) {
    if (targets.has(target.toLowerCase()))
      throw new WindowboxError('invalid-argument', dockerText('duplicateMount', target));
    targets.add(target.toLowerCase());
  }
  for (const path of [...settings.volumes, ...image.config.volumes]) {
    const target = normaliseTarget(path);
    if (targets.has(target.toLowerCase())) continue;
    targets.add(target.toLowerCase());
    requests.push(anonymousVolume(target));
  }
  const resolved: MountView[] = [];
  for (const request of requests)
    resolved.push(request.type === 'bind' ? await resolveBind(request) : await resolveVolume(context, request));
  return resolved;
}

async function resolveBind(request: MountRequest): Promise<MountView> {
  try {
    const source = await realpath(request.source);
    await stat(source);
    return { type: 'bind', name: '', source, target: request.target, driver: '', mode: '', readOnly: request.readOnly };
  } catch (error) {
    if (isErrno(error, 'ENOENT'))
      throw new WindowboxError('invalid-argument', dockerText('bindSourceMissing', request.source));
    throw error;
  }
}

async function resolveVolume(context: EngineContext, request: MountRequest): Promise<MountView> {
  const { volume, fresh } = await context.volumes.ensure({
    name: request.source === '' ? undefined : request.source,
    driver: request.driver,
    labels: request.labels,
    options: request.driverOptions,
  });
  if (fresh)
    context.events.publish({
      type: 'volume',
      action: 'create',
      actor: volume.name,
      attributes: { driver: volume.driver },
    });
  return {
    type: 'volume',
    name: volume.name,
    source: volume.mountpoint,
    target: request.target,
    driver: volume.driver,
    mode: '',
    readOnly: request.readOnly,
  };
}

function anonymousVolume(target: string): MountRequest {
  return {
    type: 'volume',
    source: '',
    target,
    readOnly: false,
    noCopy: false,
    labels: {},
    driver: '',
    driverOptions: {},
  };
}
