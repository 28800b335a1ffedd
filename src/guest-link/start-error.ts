import { type ErrorCode, WindowboxError } from '../errors/index.js';
import type { GuestProcessSpec } from './types.js';

/** Win32 errors by who can mend them; all others are `internal`. */
const codes: Readonly<Record<number, ErrorCode>> = {
  2: 'not-found', // ERROR_FILE_NOT_FOUND
  3: 'not-found', // ERROR_PATH_NOT_FOUND
  5: 'permission-denied', // ERROR_ACCESS_DENIED
  8: 'resource-exhausted', // ERROR_NOT_ENOUGH_MEMORY
  87: 'invalid-argument', // ERROR_INVALID_PARAMETER
  123: 'invalid-argument', // ERROR_INVALID_NAME
  126: 'not-found', // ERROR_MOD_NOT_FOUND
  193: 'invalid-argument', // ERROR_BAD_EXE_FORMAT
  216: 'invalid-argument', // ERROR_EXE_MACHINE_TYPE_MISMATCH
  267: 'invalid-argument', // ERROR_DIRECTORY
  1317: 'invalid-argument', // ERROR_NO_SUCH_USER
};

/** Message: Windows' own text. Hint: what was started, and the Win32 error as Docker prints it, `0x2`. */
export function startError(spec: GuestProcessSpec, error: number, text: string): WindowboxError {
  return new WindowboxError(codes[error] ?? 'internal', text, {
    hint: `Win32 error 0x${error.toString(16)} for command "${spec.command}", user "${spec.user}", working folder "${spec.cwd}".`,
  });
}
