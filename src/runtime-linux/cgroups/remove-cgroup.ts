import { readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WindowboxError, isErrno } from '../../errors/index.js';
import type { Cgroup } from './hierarchies.js';

const timeLimitMs = 10_000;

/** Kills what still runs in a cgroup and removes its folders. Idempotent. @throws WindowboxError `timeout`. */
export async function removeCgroup(cgroup: Cgroup): Promise<void> {
  const end = Date.now() + timeLimitMs;
  await Promise.all(
    cgroup.hierarchies.map(async ({ mountPoint }) => {
      await removeFolder(join(mountPoint, cgroup.path), end);
    }),
  );
}

async function removeFolder(folder: string, end: number): Promise<void> {
  for (const child of await readdir(folder, { withFileTypes: true }).catch(() => []))
    if (child.isDirectory()) await removeFolder(join(folder, child.name), end);
  for (;;) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return;
      if (!isErrno(error, 'EBUSY')) throw error;
      if (Date.now() > end)
        throw new WindowboxError('timeout', `Cannot remove cgroup "${folder}": a process in it does not end`);
    }
    await killAll(folder);
    await sleep(2);
  }
}

async function killAll(folder: string): Promise<void> {
  // A frozen task of version 1 takes SIGKILL only when it is thawed.
  await writeFile(join(folder, 'freezer.state'), 'THAWED').catch(() => undefined);
  const processes = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  for (const pid of processes
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 1)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself in between.
    }
  }
}
