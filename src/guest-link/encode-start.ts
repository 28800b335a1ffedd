import { WindowboxError } from '../errors/index.js';
import { protocol } from './protocol.js';
import type { GuestProcessSpec } from './types.js';

/** @throws WindowboxError `invalid-argument` for text with a NUL in it, and for more text than a START holds. */
export function encodeStart(spec: GuestProcessSpec): Buffer {
  const pairs = [
    `command=${spec.command}`,
    `cwd=${spec.cwd}`,
    `user=${spec.user}`,
    `stdin=${spec.stdin ? '1' : '0'}`,
    ...Object.entries(spec.env).map(([name, value]) => `env=${name}=${value}`),
  ];
  if (spec.terminal) pairs.push(`terminal=${String(spec.terminal.columns)}x${String(spec.terminal.rows)}`);
  const withNul = pairs.find((pair) => pair.includes('\0'));
  if (withNul !== undefined) throw invalid(spec, 'a NUL character in it');
  const payload = Buffer.from(pairs.map((pair) => `${pair}\0`).join(''), 'utf8');
  if (payload.length > protocol.START_MAX) throw invalid(spec, 'command line and environment exceed 1 MiB');
  return payload;
}

function invalid(spec: GuestProcessSpec, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot start "${spec.command.slice(0, 100)}": ${reason}`);
}
