import { readSync } from 'node:fs';
import { isErrno } from '../../errors/index.js';
import { print } from './print.js';

/** Asks on standard output and reads one line of standard input; anything but `y` is no. */
export function confirm(warning: string): boolean {
  print(`${warning}\nAre you sure you want to continue? [y/N] `);
  const answer = Buffer.alloc(256);
  try {
    const length = readSync(0, answer, 0, answer.length, null);
    return answer.subarray(0, length).toString('utf8').trim().toLowerCase() === 'y';
  } catch (error) {
    if (isErrno(error, 'EAGAIN') || isErrno(error, 'EOF')) return false;
    throw error;
  }
}
