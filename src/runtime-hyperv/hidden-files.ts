import { link, lstat, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno, WindowboxError } from '../errors/index.js';
import { runCommand } from '../platform/index.js';

/** More names than any image has. */
const longestList = 256 << 20;

/**
 * Hides the files that a guest deleted: for each path of its list (ended by NUL, below `upper`, beginning with a slash) a whiteout as
 * overlayfs knows it. The list is the guest's word: a path that leaves `upper` or crosses a link is an error. Only for a VM that
 * has ended, since nobody may change the folders meanwhile.
 *
 * @throws WindowboxError `data-loss`.
 */
export async function applyHiddenFiles(folder: string, list: string): Promise<void> {
  const upper = join(folder, 'upper');
  const paths = await readList(list);
  if (paths.length === 0) return;
  const whiteout = join(folder, 'whiteout');
  await rm(whiteout, { force: true });
  await runCommand('mknod', [whiteout, 'c', '0', '0'], { timeoutMs: 5000 });
  try {
    for (const path of paths) {
      const parts = path.split('/').slice(1);
      if (!path.startsWith('/') || parts.some((part) => part === '' || part === '.' || part === '..')) throw bad(path);
      await checkParents(upper, parts, path);
      // All whiteouts may be one inode, as overlayfs itself makes them.
      await link(whiteout, join(upper, ...parts)).catch((error: unknown) => {
        if (!isErrno(error, 'EEXIST')) throw error;
      });
    }
  } finally {
    await rm(whiteout, { force: true });
  }
}

async function checkParents(upper: string, parts: readonly string[], path: string): Promise<void> {
  for (let count = 0; count < parts.length; count++) {
    const parent = await lstat(join(upper, ...parts.slice(0, count)));
    if (!parent.isDirectory()) throw bad(path);
  }
}

async function readList(list: string): Promise<readonly string[]> {
  const file = await open(list, 'r').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    if (size > longestList)
      throw new WindowboxError('data-loss', `Cannot keep the files of "${dirname(list)}": too many deleted files`);
    return (await file.readFile('utf8')).split('\0').slice(0, -1);
  } finally {
    await file.close();
  }
}

function bad(path: string): WindowboxError {
  return new WindowboxError('data-loss', `Cannot hide "${path}": no path of the container's`);
}
