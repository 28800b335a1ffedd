/**
 * Why something failed, as a closed list. The HTTP server maps each code to one status, so a code says who can mend the
 * failure: the caller (`invalid-argument` … `unsupported`), time (`unavailable`, `timeout`), or us (`internal`).
 */
export const errorCodes = [
  'invalid-argument',
  'not-found',
  'already-exists',
  'conflict',
  'not-modified',
  'permission-denied',
  'unauthenticated',
  'unsupported',
  'resource-exhausted',
  'unavailable',
  'timeout',
  'cancelled',
  'data-loss',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorDetails {
  /** What the user can do about it: one or more full sentences, commands included. Printed after the message. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error class of Windowbox. `message` follows the grammar `Cannot <act> "<value>": <reason>` without a final period,
 * except where Docker clients match on Docker's own wording.
 */
export class WindowboxError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'WindowboxError';
    this.code = code;
    this.hint = details.hint;
  }
}
