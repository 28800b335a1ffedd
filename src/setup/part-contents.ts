import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Notes what is in a finished part, so that `doctor` finds missing, added or cut files: path, kind, mode, owner and size of each, in one hash.
 * Content is not read: that would take seconds, and what damages a file without changing its size is the disk's business.
 */
export async function noteContents(folder: string, noted: string): Promise<void> {
  await writeFile(noted, `${JSON.stringify(await measure(folder))}\n`);
}

/** Empty when the part is as it was made. */
export async function findDamage(folder: string): Promise<readonly string[]> {
  const name = basename(folder);
  let noted: string;
  try {
    noted = await readFile(contentsFile(folder), 'utf8');
  } catch {
    return [`${name} has no list of contents`];
  }
  const found = await measure(folder).catch(() => undefined);
  if (found === undefined) return [`${name} cannot be read`];
  const wanted: unknown = JSON.parse(noted);
  return JSON.stringify(wanted) === JSON.stringify(found)
    ? []
    : [`${name} is not as it was made (${String(found.entries)} entries now)`];
}

/** Beside the part: nothing of ours is inside. */
export function contentsFile(folder: string): string {
  return join(dirname(folder), `.contents-${basename(folder)}.json`);
}

async function measure(folder: string): Promise<{ readonly entries: number; readonly hash: string }> {
  const hash = createHash('sha256');
  const names = (await readdir(folder, { recursive: true })).sort();
  for (const name of names) {
    const { mode, uid, gid, size } = await lstat(join(folder, name));
    // A folder's size depends on the file system.
    hash.update(
      `${name}\0${mode.toString(8)} ${String(uid)} ${String(gid)} ${(mode & 0o170000) === 0o040000 ? '' : String(size)}\n`,
    );
  }
  return { entries: names.length, hash: hash.digest('hex') };
}
