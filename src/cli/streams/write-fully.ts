import { write } from 'node:fs';
import { isErrno } from '../../errors/index.js';

/**
 * Writes to a file descriptor without blocking the process, so that signals are still answered while a slow reader makes us
 * wait; resolves when every byte is out. That is the back-pressure: nobody reads on before.
 */
export async function writeFully(fd: number, data: Uint8Array): Promise<void> {
  let rest = data;
  while (rest.length > 0) rest = rest.subarray(await writeSome(fd, rest));
}

async function writeSome(fd: number, data: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, data, (error, written) => {
      if (error === null) resolve(written);
      else if (isErrno(error, 'EAGAIN')) setTimeout(resolve, fullPauseMs, 0);
      // The reader has gone, as in `windowbox logs -f web | head`: end as a program ends that SIGPIPE killed.
      else if (isErrno(error, 'EPIPE')) process.exit(141);
      else reject(error);
    });
  });
}

/** A terminal or pipe that someone else made non-blocking says EAGAIN instead of waiting. */
const fullPauseMs = 5;
