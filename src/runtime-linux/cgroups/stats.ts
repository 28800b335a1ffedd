import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxStats } from '../../runtime/index.js';
import { type Cgroup, controllerFolder } from './hierarchies.js';

/** What the kernel counted for this cgroup. A controller that the machine lacks counts 0. */
export async function readStats(cgroup: Cgroup): Promise<SandboxStats> {
  const [cpu, memory, storage, processCount] = await Promise.all([
    readCpu(cgroup),
    readMemory(cgroup),
    readStorage(cgroup),
    readProcessCount(cgroup),
  ]);
  return { readAt: Date.now(), processCount, ...cpu, ...memory, storage };
}

/** How often the kernel killed a task of this cgroup because its memory was full. */
export async function countMemoryKills(cgroup: Cgroup): Promise<number> {
  const place = controllerFolder(cgroup, 'memory');
  if (place === undefined) return 0;
  const counters = await readKeyed(place.folder, place.version === 2 ? 'memory.events' : 'memory.oom_control');
  return counters.get('oom_kill') ?? 0;
}

type Cpu = Pick<SandboxStats, 'cpuTotal' | 'cpuUser' | 'cpuKernel'>;
type Memory = Pick<SandboxStats, 'memory' | 'memoryPeak' | 'memoryPrivate'>;

async function readCpu(cgroup: Cgroup): Promise<Cpu> {
  const place = controllerFolder(cgroup, 'cpuacct');
  if (place === undefined) return { cpuTotal: 0, cpuUser: 0, cpuKernel: 0 };
  const { folder } = place;
  if (place.version === 2) {
    const stat = await readKeyed(folder, 'cpu.stat');
    const nanoseconds = (name: string): number => (stat.get(name) ?? 0) * 1000;
    return {
      cpuTotal: nanoseconds('usage_usec'),
      cpuUser: nanoseconds('user_usec'),
      cpuKernel: nanoseconds('system_usec'),
    };
  }
  const [cpuTotal, cpuUser, cpuKernel] = await Promise.all([
    readNumber(folder, 'cpuacct.usage'),
    readNumber(folder, 'cpuacct.usage_user'),
    readNumber(folder, 'cpuacct.usage_sys'),
  ]);
  return { cpuTotal, cpuUser, cpuKernel };
}

/** As Docker counts: what is used, without the file pages that the kernel would give back first. */
async function readMemory(cgroup: Cgroup): Promise<Memory> {
  const place = controllerFolder(cgroup, 'memory');
  if (place === undefined) return { memory: 0, memoryPeak: 0, memoryPrivate: 0 };
  const { folder } = place;
  const unified = place.version === 2;
  const [used, peak, stat] = await Promise.all([
    readNumber(folder, unified ? 'memory.current' : 'memory.usage_in_bytes'),
    readNumber(folder, unified ? 'memory.peak' : 'memory.max_usage_in_bytes'),
    readKeyed(folder, 'memory.stat'),
  ]);
  const inactive = stat.get(unified ? 'inactive_file' : 'total_inactive_file') ?? 0;
  const memory = Math.max(0, used - inactive);
  // Kernels before 5.19 have no memory.peak.
  return { memory, memoryPeak: Math.max(peak, memory), memoryPrivate: stat.get(unified ? 'anon' : 'total_rss') ?? 0 };
}

async function readStorage(cgroup: Cgroup): Promise<SandboxStats['storage']> {
  const sum = { readBytes: 0, readCount: 0, writeBytes: 0, writeCount: 0 };
  const place = controllerFolder(cgroup, 'blkio');
  if (place?.version === 2) {
    const text = await readText(place.folder, 'io.stat');
    const add = (key: string): number =>
      [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'gu'))].reduce((total, match) => total + Number(match[1]), 0);
    return { readBytes: add('rbytes'), readCount: add('rios'), writeBytes: add('wbytes'), writeCount: add('wios') };
  }
  if (place === undefined) return sum;
  const [bytes, counts] = await Promise.all([
    readText(place.folder, 'blkio.throttle.io_service_bytes_recursive'),
    readText(place.folder, 'blkio.throttle.io_serviced_recursive'),
  ]);
  const add = (text: string, operation: string): number =>
    [...text.matchAll(new RegExp(`^\\d+:\\d+ ${operation} (\\d+)$`, 'gmu'))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
  return {
    readBytes: add(bytes, 'Read'),
    readCount: add(counts, 'Read'),
    writeBytes: add(bytes, 'Write'),
    writeCount: add(counts, 'Write'),
  };
}

async function readProcessCount(cgroup: Cgroup): Promise<number> {
  const place = controllerFolder(cgroup, 'pids');
  if (place === undefined) return 0;
  return (await readText(place.folder, 'cgroup.procs')).split('\n').filter((line) => line !== '').length;
}

async function readNumber(folder: string, file: string): Promise<number> {
  return Number((await readText(folder, file)).trim()) || 0;
}

async function readKeyed(folder: string, file: string): Promise<Map<string, number>> {
  const lines = (await readText(folder, file)).split('\n').map((line) => line.split(' '));
  return new Map(lines.map(([key = '', value = '0']) => [key, Number(value)]));
}

async function readText(folder: string, file: string): Promise<string> {
  return readFile(join(folder, file), 'utf8').catch(() => '');
}
