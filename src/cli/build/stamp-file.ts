import type { Stats } from 'node:fs';

/** A text that changes whenever a file's content does: who writes to a file cannot keep its ctime. */
export function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(':');
}

/**
 * Whether a file was left alone for so long before `now` (milliseconds since 1970) that a later change must have another time: clocks of file systems
 * tick in steps, of FAT in steps of two seconds.
 */
export function isSettled({ ctimeMs }: Pick<Stats, 'ctimeMs'>, now: number): boolean {
  return ctimeMs < now - 2000;
}
