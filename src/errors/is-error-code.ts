import { type ErrorCode, WindowboxError } from './windowbox-error.js';

/** True when `error` is a {@link WindowboxError} with this code. */
export function isErrorCode(error: unknown, code: ErrorCode): error is WindowboxError {
  return error instanceof WindowboxError && error.code === code;
}

/** True when `error` is a system error of Node with this errno name, for example `ENOENT`. */
export function isErrno(error: unknown, errno: string): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && error.code === errno;
}

/** The text of anything thrown, for a log line or as the reason in another message. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
