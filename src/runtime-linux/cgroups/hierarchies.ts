import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where this machine keeps its control groups. Version 1 mounts a hierarchy per controller, version 2 one for all, and a hybrid
 * machine has both: each controller then lives in exactly one of them, so a controller's name finds its place on all three.
 */
export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/** A cgroup of ours: one folder in each hierarchy. */
export interface Cgroup {
  /** Path below each hierarchy's mount point, with a leading slash: what the OCI configuration calls `cgroupsPath`. */
  readonly path: string;
  readonly hierarchies: readonly Hierarchy[];
}

/** A controller's folder for this cgroup; undefined when the machine does not have the controller. */
export function controllerFolder(
  cgroup: Cgroup,
  controller: string,
): { readonly folder: string; readonly version: 1 | 2 } | undefined {
  const hierarchy = cgroup.hierarchies.find(({ controllers }) => controllers.includes(controller));
  return hierarchy && { folder: join(hierarchy.mountPoint, cgroup.path), version: hierarchy.version };
}

/** Reads the mount table. `mountinfo`: for tests. */
export async function findHierarchies(mountinfo = '/proc/self/mountinfo'): Promise<readonly Hierarchy[]> {
  const found: Hierarchy[] = [];
  for (const line of (await readFile(mountinfo, 'utf8')).split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const mountPoint = before.split(' ')[4];
    const [type, , options = ''] = after.split(' ');
    if (mountPoint === undefined) continue;
    if (type === 'cgroup')
      found.push({ mountPoint, version: 1, controllers: options.split(',').filter((name) => name !== 'rw') });
    if (type === 'cgroup2') found.push({ mountPoint, version: 2, controllers: await unifiedControllers(mountPoint) });
  }
  return found;
}

/** `freezer` is part of version 2 itself, `cpuacct` of its `cpu`, `blkio` is called `io`: the version 1 names are added. */
async function unifiedControllers(mountPoint: string): Promise<string[]> {
  const listed = (await readFile(join(mountPoint, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/u);
  const alone = listed.includes('cpu');
  return [...listed, ...(alone ? ['freezer', 'cpuacct'] : []), ...(listed.includes('io') ? ['blkio'] : [])];
}
