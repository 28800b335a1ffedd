import { parseFilters } from '../../../docker-api/index.js';
import { type ApiRequest, queryInteger, queryText } from '../../http/api-request.js';
import { json, type Reply } from '../../http/reply.js';
import type { BuildCacheItem, ImageBackend } from './backend.js';

/** `POST /build/prune`: cache mounts. The classic builder keeps its steps as images, which `POST /images/prune` deletes. */
export async function pruneBuildCache(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const { ids, reclaimed } = await images.pruneBuildCache({
    filters: parseFilters(queryText(request, 'filters')),
    keep: queryInteger(request, 'reserved-space') ?? queryInteger(request, 'keep-storage') ?? 0,
  });
  return json({ CachesDeleted: ids.length > 0 ? ids : null, SpaceReclaimed: reclaimed });
}

/** A cache mount as `GET /system/df` lists it. */
export function cacheShape(item: BuildCacheItem): Readonly<Record<string, unknown>> {
  return {
    ID: item.id,
    Parents: null,
    Type: item.type,
    Description: item.description,
    InUse: item.inUse,
    Shared: false,
    Size: item.size,
    CreatedAt: new Date(item.createdAt).toISOString(),
    LastUsedAt: item.usageCount === 0 ? null : new Date(item.lastUsedAt).toISOString(),
    UsageCount: item.usageCount,
  };
}
