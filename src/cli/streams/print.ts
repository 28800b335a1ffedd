import { writeSync } from 'node:fs';
import { isErrno } from '../../errors/index.js';

/** Writes text to standard output, all of it before it returns. Loading `process.stdout` would cost a start 3 ms. */
export function print(text: string): void {
  writeFully(1, text);
}

/** As {@link print}, to standard error. */
export function printError(text: string): void {
  writeFully(2, text);
}

function writeFully(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      // The reader has gone, as in `windowbox ps | head -1`: end as a program ends that SIGPIPE killed.
      if (isErrno(error, 'EPIPE')) process.exit(141);
      if (!isErrno(error, 'EAGAIN')) throw error;
      Atomics.wait(pause, 0, 0, 2);
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
