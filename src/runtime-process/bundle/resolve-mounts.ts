import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeError, WindowboxError } from '../../errors/index.js';
import type { Layer, SandboxMount } from '../../runtime/index.js';
import {
  findName,
  mountPrefix,
  openFolder,
  parseWindowsPath,
  type Place,
  walk,
  within,
} from '../../runtime-linux/index.js';
import { addDrive } from '../sandbox-folder.js';
import { type OciMount, bind, programHostId } from './oci-config.js';
import { driveLetters, inside } from './skeleton.js';

/**
 * Turns the user's mounts into mounts of Linux: a drive letter becomes a folder of its own and an entry in Wine's list of
 * drives, a folder of C: is looked up without regard to case, and made when it is missing.
 *
 * @throws WindowboxError `invalid-argument` for a source or target that cannot be mounted.
 */
export async function resolveMounts(
  folder: string,
  layer: Layer,
  mounts: readonly SandboxMount[],
): Promise<readonly OciMount[]> {
  if (mounts.length === 0) return [];
  const resolved: OciMount[] = [];
  const onC = mounts.filter(({ target }) => parseWindowsPath(target).drive === 'c');
  for (const mount of mounts.filter((mount) => !onC.includes(mount))) resolved.push(await driveMount(folder, mount));
  if (onC.length === 0) return resolved;
  const prefix = await mountPrefix(dirname(folder), layer);
  try {
    for (const mount of onC) resolved.push(await folderMount(join(prefix.path, 'drive_c'), mount));
  } finally {
    await prefix.close();
  }
  return resolved;
}

async function driveMount(folder: string, mount: SandboxMount): Promise<OciMount> {
  const { drive, names } = parseWindowsPath(mount.target);
  if (!driveLetters.includes(drive) || names.length > 0)
    throw cannotMount(mount, 'the target must be a folder of C: or a drive from D: to Y:');
  if (!(await sourceStat(mount)).isDirectory()) throw cannotMount(mount, 'a drive needs a folder as its source');
  await addDrive(folder, drive);
  return bind(join(inside.drives, drive), mount.source, optionsOf(mount));
}

async function folderMount(driveC: string, mount: SandboxMount): Promise<OciMount> {
  const { names } = parseWindowsPath(mount.target);
  const last = names.at(-1);
  if (last === undefined) throw cannotMount(mount, 'the destination path cannot be C:\\');
  const root = { path: driveC, insidePath: `${inside.prefix}/drive_c` };
  const isFolder = (await sourceStat(mount)).isDirectory();
  const options = { followLast: true, makeFolders: { owner: programHostId } };
  const place = await walk(root, isFolder ? names : names.slice(0, -1), options);
  try {
    const path = isFolder ? place.path : [...place.path, await fileIn(place, last)];
    return bind(join(root.insidePath, ...path), mount.source, optionsOf(mount));
  } finally {
    await place.folder.close();
  }
}

/** The spelling of the file to mount on; it is made, empty, when there is none. */
async function fileIn(place: Place, name: string): Promise<string> {
  const folder = place.name === '.' ? place.folder : await openFolder(place.folder, place.name);
  try {
    const found = await findName(folder, name);
    if (found.stat === undefined) await makeFile(folder, name);
    return found.name;
  } finally {
    if (folder !== place.folder) await folder.close();
  }
}

async function makeFile(folder: FileHandle, name: string): Promise<void> {
  const file = await open(within(folder, name), 'wx', 0o644);
  try {
    await file.chown(programHostId, programHostId);
  } finally {
    await file.close();
  }
}

async function sourceStat(mount: SandboxMount): Promise<Stats> {
  return stat(mount.source).catch((cause: unknown) => {
    throw cannotMount(mount, `the source "${mount.source}" cannot be read: ${describeError(cause)}`);
  });
}

function optionsOf({ readOnly }: SandboxMount): readonly string[] {
  return ['rbind', readOnly ? 'ro' : 'rw', 'nosuid', 'nodev'];
}

function cannotMount(mount: SandboxMount, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot mount on "${mount.target}": ${reason}`);
}
