import { WindowboxError } from '../../errors/index.js';
import { folderSize } from '../../platform/index.js';
import type { EngineContext } from '../context.js';
import { dockerText } from '../docker-texts.js';
import type { VolumeOperations } from '../engine.js';
import { labelMatches, matchesAll } from '../filters.js';
import type { Filters, PruneResult, VolumeView } from '../types.js';

export function createVolumeOperations(context: EngineContext): VolumeOperations {
  const { volumes } = context;
  const get = (name: string): VolumeView => {
    const volume = volumes.get(name);
    if (volume === undefined) throw new WindowboxError('not-found', dockerText('noSuchVolume', name));
    return volume;
  };
  const remove = async (volume: VolumeView): Promise<void> => {
    await volumes.remove(volume.name);
    context.events.publish({
      type: 'volume',
      action: 'destroy',
      actor: volume.name,
      attributes: { driver: volume.driver },
    });
  };
  return {
    create: async (request) => {
      const { volume, fresh } = await volumes.ensure(request);
      if (fresh)
        context.events.publish({
          type: 'volume',
          action: 'create',
          actor: volume.name,
          attributes: { driver: volume.driver },
        });
      return volume;
    },
    list: async (filters) => {
      const matches = matchesAll(filters, volumeTests(context));
      return Promise.resolve(volumes.all().filter(matches));
    },
    inspect: async (name) => Promise.resolve(get(name)),
    remove: async (name, { force }) => {
      if (force && volumes.get(name) === undefined) return;
      const users = volumeUsers(context, name);
      if (users.length > 0) throw new WindowboxError('conflict', dockerText('volumeInUse', name, users.join(', ')));
      await remove(get(name));
    },
    prune: async (filters) => pruneVolumes(context, filters, remove),
    usage: async () =>
      Promise.all(
        volumes.all().map(async (volume) => ({
          volume,
          size: await folderSize(volume.mountpoint),
          references: volumeUsers(context, volume.name).length,
        })),
      ),
  };
}

async function pruneVolumes(
  context: EngineContext,
  filters: Filters,
  remove: (volume: VolumeView) => Promise<void>,
): Promise<PruneResult> {
  const { all, ...rest } = filters;
  const matches = matchesAll(rest, volumeTests(context));
  const withNamed = all?.some((value) => value === 'true' || value === '1') ?? false;
  const doomed = context.volumes
    .all()
    .filter(
      (volume) => (withNamed || volume.anonymous) && volumeUsers(context, volume.name).length === 0 && matches(volume),
    );
  let reclaimed = 0;
  for (const volume of doomed) {
    reclaimed += await folderSize(volume.mountpoint);
    await remove(volume);
  }
  context.events.publish({ type: 'volume', action: 'prune', actor: '', attributes: { reclaimed: String(reclaimed) } });
  return { deleted: doomed.map(({ name }) => name), reclaimed };
}

/** Ids of the containers, running or not, that have this volume. */
function volumeUsers(context: EngineContext, name: string): string[] {
  return context.registry
    .all()
    .filter(({ record }) => record.mounts.some((mount) => mount.type === 'volume' && mount.name === name))
    .map(({ record }) => record.id);
}

function volumeTests(context: EngineContext): Readonly<Record<string, (volume: VolumeView, value: string) => boolean>> {
  return {
    name: (volume, value) => volume.name.includes(value),
    driver: (volume, value) => volume.driver === value,
    label: (volume, value) => labelMatches(volume.labels, value),
    'label!': (volume, value) => !labelMatches(volume.labels, value),
    dangling: (volume, value) =>
      (volumeUsers(context, volume.name).length === 0) === (value === 'true' || value === '1'),
  };
}
