import { type ErrorDetails, WindowboxError } from '../../errors/index.js';
import type { Parsed } from './parsed.js';

/** The value, or its problem thrown as `invalid-argument`. */
export function orThrow<T>(parsed: Parsed<T>, details: ErrorDetails = {}): T {
  if ('problem' in parsed) throw new WindowboxError('invalid-argument', parsed.problem, details);
  return parsed.value;
}
