import { WindowboxError } from '../../errors/index.js';

/**
 * What Docker on Windows says when a program cannot be started: hcsshim's operation and Windows' own text, on which its clients
 * match ("system cannot find the file specified" is exit code 127). A program that is missing is a bad request, not a missing
 * container.
 */
export function createProcessError(containerId: string, error: unknown): unknown {
  if (!(error instanceof WindowboxError) || error.code === 'unavailable') return error;
  return new WindowboxError('invalid-argument', `hcs::System::CreateProcess ${containerId}: ${error.message}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
