import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lockFile, runCommand } from '../platform/index.js';
import { type Context, vmUser } from './context.js';

/** Long enough for a gigabyte on a slow disk. */
const timeoutMs = 300_000;

/**
 * A read-only disk image of a folder that nobody changes any more, made once: every VM maps the same file, so that the host holds
 * its pages once. Not compressed: unpacking costs more than reading, most of all under emulation.
 */
export async function ensureErofsImage(context: Context, folder: string, owner: 'root' | 'program'): Promise<string> {
  const key = createHash('sha256').update(`1\0${owner}\0${folder}`).digest('hex').slice(0, 16);
  const image = join(context.images, `${basename(folder).slice(0, 60)}-${key}.erofs`);
  if (existsSync(image)) return image;
  const unlock = await lockFile(`${image}.lock`, { timeoutMs });
  const unfinished = `${image}.new`;
  try {
    if (existsSync(image)) return image;
    const owners =
      owner === 'root' ? ['--all-root'] : [`--force-uid=${String(vmUser)}`, `--force-gid=${String(vmUser)}`];
    await runCommand('mkfs.erofs', ['--quiet', ...owners, unfinished, folder], { timeoutMs });
    await chmod(unfinished, 0o444);
    await rename(unfinished, image);
    return image;
  } finally {
    await rm(unfinished, { force: true });
    await unlock();
  }
}
