import { WindowboxError } from '../../errors/index.js';

/** A place in a container: a drive letter in lower case and the names below its root. */
export interface WindowsPath {
  readonly drive: string;
  readonly names: readonly string[];
}

/**
 * Parses `C:\dir\file`, `/dir/file`, `dir\file` (both of the C: drive). `.` and `..` are resolved in the text, as Windows does;
 * `..` stops at the root.
 *
 * @throws WindowboxError `invalid-argument` for a network or device path, a stream (`file:stream`) and control characters.
 */
export function parseWindowsPath(path: string): WindowsPath {
  const text = path.replaceAll('/', '\\');
  if (text.startsWith('\\\\')) throw invalid(path, 'a path on a drive is needed');
  const drive = /^([a-z]):/iu.exec(text)?.[1]?.toLowerCase();
  const names: string[] = [];
  for (const name of (drive === undefined ? text : text.slice(2)).split('\\')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(checkName(name, path));
  }
  return { drive: drive ?? 'c', names };
}

/** Windows compares names without regard to case, letter by letter in upper case, whatever the language. */
export function foldCase(name: string): string {
  return name.normalize('NFC').toUpperCase();
}

function checkName(name: string, path: string): string {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f:*?"<>|]/u.test(name)) throw invalid(path, 'a name in it holds a character that Windows forbids');
  return name;
}

function invalid(path: string, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot find "${path}": ${reason}`);
}
