export { type ErrorCode, type ErrorDetails, errorCodes, WindowboxError } from './windowbox-error.js';
export { describeError, isErrno, isErrorCode } from './is-error-code.js';
