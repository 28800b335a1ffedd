import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import { isRunning, mountPrefix, openFilesOn, type WalkRoot } from '../runtime-linux/index.js';
import type { Layer, SandboxFiles } from '../runtime/index.js';
import { type Context, folderOf } from './context.js';
import { openGuestFiles } from './guest-files.js';
import { settleDisk } from './settle-disk.js';
import { readVmRecord } from './vm-record.js';
import { diskOf } from './writable-disk.js';

/**
 * The file system of a container. While its VM runs the guest is asked; afterwards its layers are mounted on the host, since all
 * that is in them by then was made by the host's own file system, name by name. After a VM that died, its disk is merged first.
 */
export async function openVmFiles(context: Context, id: string, layer: Layer): Promise<SandboxFiles> {
  const record = await readVmRecord(folderOf(context, id));
  if (record?.qemu !== undefined && (await isRunning(record.qemu))) return openGuestFiles(folderOf(context, id));
  if (existsSync(diskOf(layer))) await settleDisk(context, layer);
  const scratch = join(context.options.run, 'files');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const prefix = await mountPrefix(scratch, layer);
  const rootOf = (drive: string, path: string): WalkRoot => {
    if (drive === 'c') return { path: join(prefix.path, 'drive_c'), insidePath: '/c/drive_c' };
    throw new WindowboxError(
      'not-found',
      `Cannot find "${path}": drive ${drive.toUpperCase()}: is there only while the container runs`,
    );
  };
  return openFilesOn({ path: prefix.path, rootOf, close: async () => prefix.close() }, layer);
}
