import { WindowboxError } from '../../../errors/index.js';
import { checkFilterNames, createVolumeSchema, hasFeature, parseFilters } from '../../../docker-api/index.js';
import { type ApiRequest, pathParameter, queryFlag, queryText } from '../../http/api-request.js';
import { readJson } from '../../http/read-body.js';
import { empty, json, type Reply } from '../../http/reply.js';
import { done, refused, type Route } from '../../http/route.js';
import type { VolumeBackend } from './backend.js';
import { volumeShape } from './volume-shape.js';

export function volumeRoutes(volumes: VolumeBackend): readonly Route[] {
  return [
    done('GET /volumes', 'List volumes', (request) => listVolumes(request, volumes)),
    done('POST /volumes/create', 'Create a volume', (request) => createVolume(request, volumes)),
    done('POST /volumes/prune', 'Delete unused volumes', (request) => pruneVolumes(request, volumes)),
    done('GET /volumes/{name:.*}', 'Inspect a volume', async (request) =>
      json(volumeShape(await volumes.inspect(pathParameter(request, 'name')))),
    ),
    refused('PUT /volumes/{name:.*}', 'Update a cluster volume', 'Cluster volumes exist in a swarm only'),
    done('DELETE /volumes/{name:.*}', 'Remove a volume', (request) => removeVolume(request, volumes)),
  ];
}

async function listVolumes(request: ApiRequest, volumes: VolumeBackend): Promise<Reply> {
  const filters = parseFilters(queryText(request, 'filters'));
  checkFilterNames(filters, ['dangling', 'driver', 'label', 'name']);
  const views = await volumes.list(filters);
  return json({ Volumes: views.map(volumeShape), Warnings: null });
}

async function createVolume(request: ApiRequest, volumes: VolumeBackend): Promise<Reply> {
  const body = await readJson(request, createVolumeSchema, 'CreateOptions');
  if (body.ClusterVolumeSpec !== undefined && body.ClusterVolumeSpec !== null)
    throw new WindowboxError('unsupported', 'Cannot create a cluster volume: this node is not part of a swarm');
  const view = await volumes.create({
    name: body.Name === '' ? undefined : body.Name,
    driver: body.Driver,
    labels: body.Labels,
    options: body.DriverOpts,
  });
  return json(volumeShape(view), 201);
}

async function removeVolume(request: ApiRequest, volumes: VolumeBackend): Promise<Reply> {
  await volumes.remove(pathParameter(request, 'name'), { force: queryFlag(request, 'force') });
  return empty();
}

async function pruneVolumes(request: ApiRequest, volumes: VolumeBackend): Promise<Reply> {
  const filters = parseFilters(queryText(request, 'filters'));
  checkFilterNames(filters, ['label', 'label!', 'all']);
  const everything = hasFeature(request.version, 'pruneAnonymousOnly') ? {} : { all: ['true'] };
  const { deleted, reclaimed } = await volumes.prune({ ...everything, ...filters });
  return json({ VolumesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed });
}
