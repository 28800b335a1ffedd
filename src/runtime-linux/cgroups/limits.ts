import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError, describeError, isErrno } from '../../errors/index.js';
import type { Resources } from '../../runtime/index.js';
import { type Cgroup, controllerFolder } from './hierarchies.js';

/** Linux tasks of a container for which the user said nothing: threads count, and Wine alone has about 40. */
const defaultPidsLimit = 8192;
const cpuPeriod = 100_000;

/**
 * Writes limits into a cgroup that exists. The same act serves a new container, a prepared one that is handed out and
 * `update`, so that a limit means the same in all three.
 *
 * @throws WindowboxError `unsupported` when the machine lacks a controller that a limit needs, `invalid-argument` when the
 * kernel refuses a value (memory below what is used already, for one).
 */
export async function applyLimits(cgroup: Cgroup, resources: Resources): Promise<void> {
  await limitMemory(cgroup, resources.memory);
  await limitCpu(cgroup, resources.nanoCpus);
  await weighCpu(cgroup, resources.cpuShares);
  const pids = resources.pidsLimit > 0 ? resources.pidsLimit : defaultPidsLimit;
  await write(cgroup, 'pids', { value: String(pids), file: 'pids.max', wanted: resources.pidsLimit > 0 });
}

async function limitMemory(cgroup: Cgroup, bytes: number): Promise<void> {
  const place = controllerFolder(cgroup, 'memory');
  const wanted = bytes > 0;
  if (place?.version === 2) {
    await write(cgroup, 'memory', { file: 'memory.max', value: wanted ? String(bytes) : 'max', wanted });
    await write(cgroup, 'memory', { file: 'memory.swap.max', value: wanted ? '0' : 'max', wanted: false });
    return;
  }
  const limit = { file: 'memory.limit_in_bytes', value: wanted ? String(bytes) : '-1', wanted };
  // With swap accounting, memory plus swap must never be below memory: it goes up first and comes down last.
  const both = { file: 'memory.memsw.limit_in_bytes', value: limit.value, wanted: false };
  if (!(await write(cgroup, 'memory', both))) {
    await write(cgroup, 'memory', limit);
    await write(cgroup, 'memory', both);
  } else await write(cgroup, 'memory', limit);
}

async function limitCpu(cgroup: Cgroup, nanoCpus: number): Promise<void> {
  const quota = nanoCpus > 0 ? Math.max(1000, Math.round((nanoCpus / 1e9) * cpuPeriod)) : undefined;
  const wanted = quota !== undefined;
  if (controllerFolder(cgroup, 'cpu')?.version === 2) {
    const value = `${quota === undefined ? 'max' : String(quota)} ${String(cpuPeriod)}`;
    await write(cgroup, 'cpu', { file: 'cpu.max', value, wanted });
    return;
  }
  await write(cgroup, 'cpu', { file: 'cpu.cfs_period_us', value: String(cpuPeriod), wanted });
  await write(cgroup, 'cpu', { file: 'cpu.cfs_quota_us', value: String(quota ?? -1), wanted });
}

async function weighCpu(cgroup: Cgroup, shares: number): Promise<void> {
  const value = shares > 0 ? Math.min(262_144, Math.max(2, shares)) : 1024;
  const wanted = shares > 0;
  if (controllerFolder(cgroup, 'cpu')?.version === 2) {
    // The OCI runtime specification's mapping from shares (2 to 262144) to weight (1 to 10000).
    const weight = shares > 0 ? Math.floor(1 + ((value - 2) * 9999) / 262_142) : 100;
    await write(cgroup, 'cpu', { file: 'cpu.weight', value: String(weight), wanted });
  } else await write(cgroup, 'cpu', { file: 'cpu.shares', value: String(value), wanted });
}

/** False when the value could not be written and nobody asked for it. */
async function write(
  cgroup: Cgroup,
  controller: string,
  change: { readonly file: string; readonly value: string; readonly wanted: boolean },
): Promise<boolean> {
  const place = controllerFolder(cgroup, controller);
  if (place === undefined) {
    if (!change.wanted) return false;
    throw new WindowboxError(
      'unsupported',
      `Cannot limit ${controller}: this machine has no "${controller}" cgroup controller`,
    );
  }
  const path = join(place.folder, change.file);
  try {
    await access(path);
    await writeFile(path, change.value);
    return true;
  } catch (cause) {
    if (!change.wanted) return false;
    const gone = isErrno(cause, 'ENOENT');
    throw new WindowboxError(
      gone ? 'unavailable' : 'invalid-argument',
      `Cannot set "${change.file}" to "${change.value}": ${gone ? 'the container has no such cgroup file' : describeError(cause)}`,
      { cause },
    );
  }
}
