import { chownSync, existsSync, linkSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno, WindowboxError } from '../../errors/index.js';
import { englishEnvironment, runCommand } from '../../platform/index.js';
import { foldName } from './entry-name.js';

/**
 * Spells out what overlayfs notes in extended attributes of a container's writable layer and Windows layers have no word for: a
 * folder that hides all below it gets a deletion mark for each name that it hides.
 *
 * @throws WindowboxError `unsupported` for a renamed folder whose content is only referred to (`redirect_dir`).
 */
export async function spellOutMarks(root: string, meta: string, parents: readonly string[]): Promise<void> {
  const drive = join(root, 'drive_c');
  if (!existsSync(drive)) return;
  const marks = await readMarks(drive);
  const moved = marks.find(({ key }) => key.endsWith('.redirect') || key.endsWith('.metacopy'));
  if (moved)
    throw new WindowboxError(
      'unsupported',
      `Cannot store "${moved.path}": overlayfs keeps only a reference to its content`,
      {
        hint: 'Mount the container without the overlay options redirect_dir and metacopy.',
      },
    );
  for (const { path } of marks.filter(({ key }) => key.endsWith('.opaque'))) {
    const parts = path === '' ? [] : path.split('/');
    const own = new Set(readdirSync(join(drive, path)).map(foldName));
    for (const name of namesBelow(parents, parts)) {
      if (own.has(foldName(name))) continue;
      own.add(foldName(name));
      await makeWhiteout(meta, join(drive, path, name));
    }
  }
}

/** Puts a deletion mark, a character device 0/0, at `path`. All marks of a layer are one file, or a few where it has more names than a file may have. */
export async function makeWhiteout(meta: string, path: string): Promise<void> {
  const mark = join(meta, 'whiteout');
  if (!existsSync(mark)) await makeMark(mark);
  try {
    linkSync(mark, path);
  } catch (error) {
    if (!isErrno(error, 'EMLINK')) throw error;
    rmSync(mark);
    await makeMark(mark);
    linkSync(mark, path);
  }
}

async function makeMark(path: string): Promise<void> {
  await runCommand('mknod', ['-m', '600', path, 'c', '0', '0'], { env: englishEnvironment(), timeoutMs: 10_000 });
  chownSync(path, 0, 0);
}

interface Mark {
  /** Below the drive; empty for the drive itself. */
  readonly path: string;
  readonly key: string;
}

async function readMarks(drive: string): Promise<Mark[]> {
  const pattern = '^(trusted|user)\\.overlay\\.(opaque|redirect|metacopy)$';
  const { stdout } = await runCommand('getfattr', ['-R', '-P', '-h', '-d', '--absolute-names', '-m', pattern, drive], {
    timeoutMs: 600_000,
    maxOutput: 64 << 20,
  });
  const marks: Mark[] = [];
  let path = '';
  for (const line of stdout.split('\n')) {
    const file = /^# file: (.*)$/u.exec(line)?.[1];
    if (file !== undefined) path = unescapeOctal(file).slice(drive.length + 1);
    const [, key, value] = /^((?:trusted|user)\.overlay\.\w+)="?([^"]*)"?$/u.exec(line) ?? [];
    // Only "y" hides what is below: "x" says that some name in the folder is a deletion mark of the newer kind.
    if (key !== undefined && !(key.endsWith('.opaque') && value !== 'y')) marks.push({ path, key });
  }
  return marks;
}

/** getfattr writes bytes that are not plain as three octal digits. */
function unescapeOctal(text: string): string {
  const bytes = text.replaceAll(/\\(\d{3})/gu, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return bytes === text ? text : Buffer.from(bytes, 'latin1').toString('utf8');
}

function namesBelow(parents: readonly string[], parts: readonly string[]): string[] {
  return parents.flatMap((parent) => {
    const path = join(parent, 'drive_c', ...parts);
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(path) : [];
  });
}
