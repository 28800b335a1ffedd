import type { WindowboxError } from '../errors/index.js';
import type { UsageError } from './define/usage-error.js';

/*
 * By name and not by class: each command is a bundle of its own with its own copy of the class, so `instanceof` would not know an
 * error that crosses from one to another.
 */

export function isFailure(error: unknown): error is WindowboxError {
  return error instanceof Error && error.name === 'WindowboxError';
}

export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && error.name === 'UsageError';
}
