import { mkdir, realpath, stat } from 'node:fs/promises';
import { isErrno, WindowboxError } from '../../errors/index.js';
import type { EngineContext } from '../context.js';
import type { EngineImage } from '../dependencies.js';
import { dockerText } from '../docker-texts.js';
import type { ContainerSettings, MountRequest, MountView } from '../types.js';
import { checkMount, noMountOptions, normaliseTarget, parseBind, parseVolumesFrom } from './parse-mount.js';

/**
 * The mounts of a container: `-v`, `--mount`, those of the containers of `--volumes-from` and the image's volumes, each target once, the first of
 * these that names it. Volumes that do not exist are made; a
 * missing source of a bind mount is an error, as it is for Docker on Windows.
 */
export async function resolveMounts(
  context: EngineContext,
  settings: ContainerSettings,
  image: EngineImage,
): Promise<readonly MountView[]> {
  const binds = settings.binds.map(parseBind).map((bind) => withDriver(bind, settings.volumeDriver));
  const requests = [...binds, ...settings.mounts.map(checkMount)];
  const targets = new Set<string>();
  for (const { target } of requests) {
    if (targets.has(target.toLowerCase()))
      throw new WindowboxError('invalid-argument', dockerText('duplicateMount', target));
    targets.add(target.toLowerCase());
  }
  const inherited = inheritedMounts(context, settings.volumesFrom).filter(
    ({ target }) => !targets.has(target.toLowerCase()),
  );
  for (const { target } of inherited) targets.add(target.toLowerCase());
  for (const path of [...settings.volumes, ...image.config.volumes]) {
    const target = normaliseTarget(path);
    if (targets.has(target.toLowerCase())) continue;
    targets.add(target.toLowerCase());
    requests.push(anonymousVolume(target));
  }
  const resolved: MountView[] = [...inherited];
  for (const request of requests)
    resolved.push(request.type === 'bind' ? await resolveBind(request) : await resolveVolume(context, request));
  return resolved;
}

/** Of two containers with the same target the later one wins, as in Docker. @throws WindowboxError `not-found` "No such container: x". */
function inheritedMounts(context: EngineContext, specifications: readonly string[]): readonly MountView[] {
  const byTarget = new Map<string, MountView>();
  for (const specification of specifications) {
    const { container, readOnly } = parseVolumesFrom(specification);
    for (const mount of context.registry.find(container).record.mounts)
      byTarget.set(mount.target.toLowerCase(), { ...mount, readOnly: mount.readOnly || readOnly });
  }
  return [...byTarget.values()];
}

function withDriver(bind: MountRequest, driver: string): MountRequest {
  return bind.type === 'volume' ? { ...bind, driver } : bind;
}

async function resolveBind(request: MountRequest): Promise<MountView> {
  try {
    if (request.createSource) await mkdir(request.source, { recursive: true });
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
    ...noMountOptions,
  };
}
