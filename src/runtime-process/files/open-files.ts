import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import type { Layer, SandboxFiles } from '../../runtime/index.js';
import { inside } from '../bundle/skeleton.js';
import type { Context } from '../context.js';
import { isRunning } from '../linux-process.js';
import { readRecord } from '../sandbox-folder.js';
import { listChanges } from './list-changes.js';
import { measureFolder } from './measure-folder.js';
import { type MountedPrefix, mountPrefix } from './mounted-prefix.js';
import { readTar } from './read-tar.js';
import { statFile } from './stat-file.js';
import { type WalkRoot, walk, type Place, type WalkOptions } from './walk.js';
import { parseWindowsPath } from './windows-path.js';
import { writeTar } from './write-tar.js';

/**
 * The file system of a container. While it runs it is seen through its init's mount namespace, so that volumes are in their
 * places; otherwise its layers are mounted for as long as it is open.
 */
export async function openFiles(context: Context, id: string, layer: Layer): Promise<SandboxFiles> {
  const prefix = await openPrefix(context, id, layer);
  const find: Find = async (path, options) => {
    const { drive, names } = parseWindowsPath(path);
    return walk(rootOfDrive(prefix.path, drive, path), names, options);
  };
  return {
    stat: async (path) => statFile(find, path),
    read: async (path) => readTar(find, path),
    write: async (path, tar, options) => writeTar(find, path, { tar, ...options }),
    changes: async () => listChanges(layer, join(prefix.path, 'drive_c')),
    size: async () => measureFolder(join(layer.folder, 'upper')),
    close: async () => prefix.close(),
  };
}

/** Finds a Windows path. The caller closes the place's folder. */
export type Find = (path: string, options?: WalkOptions) => Promise<Place>;

async function openPrefix(context: Context, id: string, layer: Layer): Promise<MountedPrefix> {
  const record = await readRecord(join(context.sandboxes, id));
  if (record !== undefined && (await isRunning(record)))
    return { path: `/proc/${String(record.pid)}/root${inside.prefix}`, close: async () => undefined };
  const scratch = join(context.options.run, 'files');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  return mountPrefix(scratch, layer);
}

function rootOfDrive(prefix: string, drive: string, path: string): WalkRoot {
  if (drive === 'c') return { path: join(prefix, 'drive_c'), insidePath: `${inside.prefix}/drive_c` };
  if (!prefix.startsWith('/proc/') || !prefix.endsWith(`/root${inside.prefix}`))
    throw new WindowboxError(
      'not-found',
      `Cannot find "${path}": drive ${drive.toUpperCase()}: is there only while the container runs`,
    );
  const root = prefix.slice(0, -inside.prefix.length);
  return { path: join(root, inside.drives, drive), insidePath: `${inside.drives}/${drive}` };
}
