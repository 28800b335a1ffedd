import { WindowboxError } from '../../../errors/index.js';
import { dockerTexts, hasFeature } from '../../../docker-api/index.js';
import type { ContainerView } from '../../../engine/index.js';
import { type ApiRequest, queryFlag } from '../../http/api-request.js';
import { json, type Reply } from '../../http/reply.js';
import { containerSummary } from '../containers/container-summary.js';
import { cacheShape } from '../images/cache-handlers.js';
import { imageSummary } from '../images/image-shape.js';
import { volumeShape } from '../volumes/volume-shape.js';
import type { SystemBackend } from './backend.js';

const objectTypes = ['container', 'image', 'volume', 'build-cache'] as const;
type ObjectType = (typeof objectTypes)[number];

interface Usage {
  readonly active: number;
  readonly total: number;
  readonly reclaimable: number;
  readonly size: number;
  readonly items: readonly unknown[];
}

/** `GET /system/df`. Before API 1.52 lists alone; from then on sums too, and with `verbose` sums alone, holding the lists. */
export async function showDiskUsage(request: ApiRequest, backend: SystemBackend): Promise<Reply> {
  const wanted = wantedTypes(request);
  const summaries = hasFeature(request.version, 'diskUsageSummaries');
  const verbose = summaries && request.query.has('verbose');
  const containers = await backend.containers.list({ all: true, limit: 0, size: true, filters: {} });
  const usages: Readonly<Record<ObjectType, () => Promise<Usage>>> = {
    container: async () => containerUsage(containers, request.version),
    image: async () => imageUsage(backend, containers, request.version),
    volume: async () => volumeUsage(backend),
    'build-cache': async () => cacheUsage(backend),
  };
  const answers: [string, unknown][] = [];
  for (const type of wanted) {
    const usage = await usages[type]();
    if (summaries) answers.push([summaryNames[type], summaryOf(usage, verbose && queryFlag(request, 'verbose'))]);
    if (!verbose) answers.push([listNames[type], usage.items]);
    if (!verbose && type === 'image') answers.push(['LayersSize', usage.size]);
  }
  return json(Object.fromEntries(answers));
}

const listNames: Readonly<Record<ObjectType, string>> = {
  container: 'Containers',
  image: 'Images',
  volume: 'Volumes',
  'build-cache': 'BuildCache',
};

const summaryNames: Readonly<Record<ObjectType, string>> = {
  container: 'ContainerUsage',
  image: 'ImageUsage',
  volume: 'VolumeUsage',
  'build-cache': 'BuildCacheUsage',
};

function wantedTypes(request: ApiRequest): readonly ObjectType[] {
  const asked = request.query.getAll('type');
  if (asked.length === 0 || !hasFeature(request.version, 'diskUsageTypes')) return objectTypes;
  return asked.map((name) => {
    const type = objectTypes.find((known) => known === name);
    if (type === undefined) throw new WindowboxError('invalid-argument', dockerTexts.unknownUsage(name));
    return type;
  });
}

function summaryOf(usage: Usage, withItems: boolean): Readonly<Record<string, unknown>> {
  return {
    ActiveCount: usage.active,
    TotalCount: usage.total,
    Reclaimable: usage.reclaimable,
    TotalSize: usage.size,
    ...(withItems ? { Items: usage.items } : {}),
  };
}

function containerUsage(containers: readonly ContainerView[], version: string): Usage {
  const now = Date.now();
  const isActive = ({ state }: ContainerView): boolean => ['running', 'paused', 'restarting'].includes(state.status);
  const sizeOf = (views: readonly ContainerView[]): number => sum(views.map(({ size }) => size?.writable ?? 0));
  return {
    active: containers.filter(isActive).length,
    total: containers.length,
    reclaimable: sizeOf(containers.filter((view) => !isActive(view))),
    size: sizeOf(containers),
    items: containers.map((view) => containerSummary(view, version, now)),
  };
}

async function imageUsage(
  backend: SystemBackend,
  containers: readonly ContainerView[],
  version: string,
): Promise<Usage> {
  const images = await backend.images.list();
  const users = (id: string): number => containers.filter(({ imageId }) => imageId === id).length;
  const unused = images.filter(({ id }) => users(id) === 0);
  return {
    active: images.length - unused.length,
    total: images.length,
    reclaimable: sum(unused.map(({ size }) => size)),
    size: sum(images.map(({ size }) => size)),
    items: images.map((image) => imageSummary(image, { version, containers: users(image.id) })),
  };
}

async function volumeUsage(backend: SystemBackend): Promise<Usage> {
  const volumes = await backend.volumes.usage();
  const unused = volumes.filter(({ references }) => references === 0);
  return {
    active: volumes.length - unused.length,
    total: volumes.length,
    reclaimable: sum(unused.map(({ size }) => size)),
    size: sum(volumes.map(({ size }) => size)),
    items: volumes.map(({ volume, size, references }) => ({
      ...volumeShape(volume),
      UsageData: { Size: size, RefCount: references },
    })),
  };
}

async function cacheUsage(backend: SystemBackend): Promise<Usage> {
  const caches = await backend.images.buildCache();
  const unused = caches.filter(({ inUse }) => !inUse);
  return {
    active: caches.length - unused.length,
    total: caches.length,
    reclaimable: sum(unused.map(({ size }) => size)),
    size: sum(caches.map(({ size }) => size)),
    items: caches.map(cacheShape),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}
