import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import { isRunning, type MountedPrefix, mountPrefix, openFilesOn, type WalkRoot } from '../runtime-linux/index.js';
import type { Layer, SandboxFiles } from '../runtime/index.js';
import { inside } from './bundle/skeleton.js';
import type { Context } from './context.js';
import { readRecord } from './sandbox-folder.js';

/**
 * The file system of a container. While it runs it is seen through its init's mount namespace, so that volumes are in their
 * places; otherwise its layers are mounted for as long as it is open.
 */
export async function openContainerFiles(context: Context, id: string, layer: Layer): Promise<SandboxFiles> {
  const prefix = await openPrefix(context, id, layer);
  const rootOf = (drive: string, path: string): WalkRoot => rootOfDrive(prefix.path, drive, path);
  return openFilesOn({ path: prefix.path, rootOf, close: async () => prefix.close() }, layer);
}

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
