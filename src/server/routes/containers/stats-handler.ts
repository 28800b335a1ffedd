import { setTimeout as sleep } from 'node:timers/promises';
import { type CpuStatsShape, goTime, hasFeature, type StatsShape, zeroTime } from '../../../docker-api/index.js';
import type { ContainerReading, ContainerView, SandboxStats } from '../../../engine/index.js';
import { type ApiRequest, pathParameter, queryFlag } from '../../http/api-request.js';
import { jsonLines } from '../../http/progress.js';
import { json, type Reply } from '../../http/reply.js';
import type { ContainerContext } from './context.js';

const intervalMs = 1000;

/** `GET /containers/{id}/stats`, in the fields of a Windows engine. */
export async function showStats(request: ApiRequest, context: ContainerContext): Promise<Reply> {
  const name = pathParameter(request, 'name');
  const read = (): Promise<ContainerReading> => context.containers.stats(name);
  const shape = (reading: ContainerReading, before?: SandboxStats): StatsShape =>
    statsShape(reading, before, { version: request.version, processors: context.processors() });
  const first = await read();
  if (queryFlag(request, 'stream', true)) return jsonLines(readings(read, { first, shape, signal: request.signal }));
  const oneShot = hasFeature(request.version, 'oneShotStats') && queryFlag(request, 'one-shot');
  if (oneShot || !first.stats) return json(shape(first));
  await sleep(intervalMs, undefined, { signal: request.signal });
  const second = await read();
  // It may have ended in between: then the first reading is the answer.
  return json(second.stats ? shape(second, first.stats) : shape(first));
}

async function* readings(
  read: () => Promise<ContainerReading>,
  options: {
    first: ContainerReading;
    shape: (reading: ContainerReading, before?: SandboxStats) => StatsShape;
    signal: AbortSignal;
  },
): AsyncGenerator<StatsShape> {
  let { first: reading } = options;
  let before: SandboxStats | undefined;
  while (!options.signal.aborted) {
    yield options.shape(reading, before);
    before = reading.stats;
    try {
      await sleep(intervalMs, undefined, { signal: options.signal });
      reading = await read();
    } catch {
      // The client has gone, or the container has been removed: either is the stream's end.
      return;
    }
  }
}

function statsShape(
  { view, stats, traffic }: ContainerReading,
  before: SandboxStats | undefined,
  { version, processors }: { readonly version: string; readonly processors: number },
): StatsShape {
  return {
    name: `/${view.name}`,
    id: view.id,
    read: stats ? goTime(stats.readAt) : zeroTime,
    preread: before ? goTime(before.readAt) : zeroTime,
    ...(hasFeature(version, 'statsOsType') ? { os_type: 'windows' as const } : {}),
    pids_stats: {},
    blkio_stats: {
      io_service_bytes_recursive: null,
      io_serviced_recursive: null,
      io_queue_recursive: null,
      io_service_time_recursive: null,
      io_wait_time_recursive: null,
      io_merged_recursive: null,
      io_time_recursive: null,
      sectors_recursive: null,
    },
    num_procs: stats ? processorsOf(view, processors) : 0,
    storage_stats: stats
      ? {
          read_count_normalized: stats.storage.readCount,
          read_size_bytes: stats.storage.readBytes,
          write_count_normalized: stats.storage.writeCount,
          write_size_bytes: stats.storage.writeBytes,
        }
      : {},
    cpu_stats: cpuStats(stats),
    precpu_stats: cpuStats(before),
    memory_stats: stats
      ? { commitbytes: stats.memory, commitpeakbytes: stats.memoryPeak, privateworkingset: stats.memoryPrivate }
      : {},
    ...(traffic.size === 0 ? {} : { networks: networkStats(traffic) }),
  };
}

/** Windows counts no errors. */
function networkStats(traffic: ContainerReading['traffic']): NonNullable<StatsShape['networks']> {
  return Object.fromEntries(
    [...traffic].map(([endpointId, { received, sent }]) => [
      endpointId,
      {
        rx_bytes: received.bytes,
        rx_packets: received.packets,
        rx_errors: 0,
        rx_dropped: received.dropped,
        tx_bytes: sent.bytes,
        tx_packets: sent.packets,
        tx_errors: 0,
        tx_dropped: sent.dropped,
        endpoint_id: endpointId,
      },
    ]),
  );
}

/** The CLI divides by this: a Hyper-V container has its own processors. */
function processorsOf(view: ContainerView, processors: number): number {
  return view.isolation === 'hyperv' ? view.settings.resources.cpuCount || 2 : processors;
}

/** Job objects count in units of 100 ns. */
function cpuStats(stats: SandboxStats | undefined): CpuStatsShape {
  return {
    cpu_usage: {
      total_usage: Math.round((stats?.cpuTotal ?? 0) / 100),
      usage_in_kernelmode: Math.round((stats?.cpuKernel ?? 0) / 100),
      usage_in_usermode: Math.round((stats?.cpuUser ?? 0) / 100),
    },
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  };
}
