import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../../errors/index.js';

/**
 * What a container's root folder looks like: empty folders to mount on, the same for all, read-only inside. Nothing of the
 * runtime root but /usr and /etc is put in it, so that its kernels, package database and homes are not even there.
 */
export const inside = {
  prefix: '/c',
  guest: '/windowbox',
  /** Holds a folder for each drive letter that a mount may get. */
  drives: '/drives',
} as const;

export const driveLetters = 'defghijklmnopqrstuvwxy'.split('');

/** Makes the skeleton at `folder` if it is not there. Idempotent, and safe against a second one at the same time. */
export async function makeSkeleton(folder: string): Promise<void> {
  const drives = driveLetters.map((letter) => join(inside.drives, letter));
  for (const name of ['usr', 'etc', 'proc', 'dev', 'run', inside.prefix, inside.guest, ...drives])
    await mkdir(join(folder, name), { recursive: true, mode: 0o755 });
  await mkdir(join(folder, 'tmp'), { recursive: true });
  // runc gives a tmpfs the permissions of the folder below it.
  await chmod(join(folder, 'tmp'), 0o1777);
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    await symlink(`usr/${name}`, join(folder, name)).catch((error: unknown) => {
      if (!isErrno(error, 'EEXIST')) throw error;
    });
}
