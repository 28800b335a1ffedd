import { WindowboxError } from '../../errors/index.js';

/**
 * The folder that `WORKDIR` means: absolute, with backslashes and an upper-case drive. A path without a drive is on C:.
 *
 * @throws WindowboxError `invalid-argument` for `C:dir`, which is relative to a drive's own current folder.
 */
export function joinWorkdir(current: string, requested: string): string {
  const path = requested.replaceAll('/', '\\');
  if (path === '') throw new WindowboxError('invalid-argument', 'cannot normalize nothing');
  const drive = /^([a-zA-Z]):(.*)$/su.exec(path);
  if (drive) {
    if (drive[2] !== '' && !(drive[2] ?? '').startsWith('\\'))
      throw new WindowboxError(
        'invalid-argument',
        `${requested} is not a valid directory. If requesting a drive letter, use a trailing \\`,
      );
    return clean((drive[1] ?? 'C').toUpperCase(), drive[2] ?? '');
  }
  if (path.startsWith('\\')) return clean('C', path);
  const base = current === '' ? 'C:\\' : current;
  return joinWorkdir('', `${base.replace(/\\$/u, '')}\\${path}`);
}

/** Parts below C:, for a place that files are copied to. @throws WindowboxError `unsupported` for another drive. */
export function partsOnDrive(path: string): string[] {
  const absolute = joinWorkdir('', path);
  if (!absolute.startsWith('C:'))
    throw new WindowboxError(
      'unsupported',
      `Windows does not support destinations not on the system drive (C:): ${path}`,
    );
  return absolute
    .slice(3)
    .split('\\')
    .filter((part) => part !== '');
}

function clean(drive: string, path: string): string {
  const parts: string[] = [];
  for (const part of path.split('\\')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `${drive}:\\${parts.join('\\')}`;
}
