import { WindowboxError } from '../../errors/index.js';

/**
 * What Docker on Windows says when a program cannot be started: hcsshim's operation and Windows' own text, on which its clients
 * match ("system cannot find the file specified" is exit code 127). A program that is missing is a bad request, not a missing
 * container.
 */
export function createProcessError(containerId: string, error: unknown, program: string): unknown {
  if (!(error instanceof WindowboxError) || error.code === 'unavailable') return error;
  return new WindowboxError('invalid-argument', `hcs::System::CreateProcess ${containerId}: ${error.message}`, {
    cause: error,
    ...hintOf(error, program),
  });
}

/** The program that is most often looked for in vain. */
function hintOf({ hint, message }: WindowboxError, program: string): { readonly hint?: string } {
  if (/^"?(?:[^"\s]*[\\/])?powershell(?:\.exe)?(?=["\s]|$)/iu.test(program) && message.includes('cannot find the file'))
    return { hint: "Windowbox's bases have no Windows PowerShell: use cmd, or an image with PowerShell 7 (pwsh)." };
  return hint === undefined ? {} : { hint };
}
