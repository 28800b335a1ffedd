import { accessSync, constants, createReadStream, type ReadStream, statSync } from 'node:fs';
import { describeError, isErrno, WindowboxError } from '../../errors/index.js';

/** An archive to send. @throws WindowboxError `not-found` or `invalid-argument` in Docker's words, before anything is sent. */
export function openArchive(path: string): ReadStream {
  if (isFolder(path)) throw new WindowboxError('invalid-argument', `read ${path}: is a directory`);
  return createReadStream(path);
}

function isFolder(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isDirectory();
  } catch (cause) {
    const reason = isErrno(cause, 'ENOENT') ? 'no such file or directory' : describeError(cause);
    throw new WindowboxError('not-found', `open ${path}: ${reason}`, { cause });
  }
}
