import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RealDaemon } from './real-daemon.js';

/** What a daemon and its containers hold of the machine, each as a count. */
export interface Leftovers {
  /** Processes that see a file of one of its sandboxes' folders as a mount: all that runs in them. */
  readonly processes: number;
  /** Mounts in the host's own mount namespace. */
  readonly mounts: number;
  readonly networkNamespaces: number;
  readonly sandboxes: number;
  readonly ociStates: number;
  readonly layers: number;
}

export function countLeftovers({ folder }: RealDaemon): Leftovers {
  const name = basename(folder);
  const entries = (path: string): number => listFolder(join(folder, path)).length;
  return {
    processes: listFolder('/proc').filter(
      (pid) => /^\d+$/u.test(pid) && countMounts(`/proc/${pid}/mountinfo`, `${name}/run/sandboxes/`) > 0,
    ).length,
    mounts: countMounts('/proc/self/mountinfo', name),
    networkNamespaces: entries('run/netns'),
    sandboxes: entries('run/sandboxes'),
    ociStates: entries('run/runc'),
    layers: entries('home/containers') + entries('home/prepared'),
  };
}

/** What this daemon's VMs hold of the machine, a line each: processes, folders and mounts. */
export function vmLeftovers({ folder }: RealDaemon): readonly string[] {
  const name = basename(folder);
  const running = listFolder('/proc')
    .filter((pid) => /^\d+$/u.test(pid) && countMounts(`/proc/${pid}/mountinfo`, `${name}/run/hyperv/`) > 0)
    .map((pid) => `process ${pid}`);
  const folders = ['run/hyperv', 'run/files'].flatMap((path) =>
    listFolder(join(folder, path)).map((entry) => `${path}/${entry}`),
  );
  // Not those of network namespaces: one is kept ready for the next container.
  const mounts = ['run/hyperv/', 'run/files/'].filter(
    (path) => countMounts('/proc/self/mountinfo', `${name}/${path}`) > 0,
  );
  return [...running, ...folders, ...mounts.map((path) => `a mount below ${path}`)];
}

/** Folders of the control groups that a process is in, one a hierarchy. */
export function cgroupsOf(pid: number): readonly string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2');
  return readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, controllers = '', path = ''] = line.split(':');
      const mount = mounts.find(([, , type, options = '']) =>
        controllers === '' ? type === 'cgroup2' : options.split(',').includes(controllers.split(',')[0] ?? ''),
      );
      return mount?.[1] === undefined || path === '/' || path === '' ? [] : [join(mount[1], path)];
    });
}

function countMounts(mountinfo: string, name: string): number {
  try {
    return readFileSync(mountinfo, 'utf8')
      .split('\n')
      .filter((line) => line.includes(name)).length;
  } catch {
    // The process has ended meanwhile.
    return 0;
  }
}

function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
