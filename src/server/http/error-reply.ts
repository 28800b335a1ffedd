import { describeError, type ErrorCode, WindowboxError } from '../../errors/index.js';
import type { Reply } from './reply.js';

/** The one place where an error becomes a status. https://docs.docker.com/reference/api/engine/#section/Errors */
const statusOf: Readonly<Record<ErrorCode, number>> = {
  'invalid-argument': 400,
  'not-found': 404,
  'already-exists': 409,
  conflict: 409,
  'not-modified': 304,
  'permission-denied': 403,
  unauthenticated: 401,
  unsupported: 501,
  'resource-exhausted': 503,
  unavailable: 503,
  timeout: 504,
  cancelled: 499,
  'data-loss': 500,
  internal: 500,
};

/**
 * `{"message": …}`, Docker's shape of every failure. Beside it `code` and, if there is one, `hint`: Docker's clients overlook both,
 * ours prints the hint.
 */
export function errorReply(failure: unknown): Reply {
  const error = ofClientGone(failure) ?? failure;
  if (!(error instanceof WindowboxError))
    return { kind: 'json', status: 500, value: { message: describeError(error), code: 'internal' } };
  const status = statusOf[error.code];
  if (status === 304) return { kind: 'empty', status };
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return { kind: 'json', status, value: { message: error.message, code: error.code, ...hint } };
}

/** True for a failure that is our bug: it goes to the log with its stack. */
export function isOurBug(failure: unknown): boolean {
  const error = ofClientGone(failure) ?? failure;
  return !(error instanceof WindowboxError) || error.code === 'internal' || error.code === 'data-loss';
}

/** What Node throws out of a wait that the request's signal ended: nobody's mistake, and nobody hears the answer. */
function ofClientGone(failure: unknown): WindowboxError | undefined {
  if (!(failure instanceof Error) || failure.name !== 'AbortError') return undefined;
  return new WindowboxError('cancelled', 'The client has gone', { cause: failure });
}
