import { WindowboxError } from '../../errors/index.js';
import type { Parsed } from '../parse/parsed.js';

/** Docker's default. */
export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** Reads `--detach-keys`: letters and `ctrl-` with a letter or one of `@ [ \ ] ^ _`, comma-separated, to the bytes that they send. */
export function parseDetachKeys(text: string): Parsed<Uint8Array> {
  const bytes: number[] = [];
  for (const key of text.split(',')) {
    if (key.length === 1) {
      bytes.push(key.charCodeAt(0));
      continue;
    }
    const control = /^ctrl-(?<letter>[a-z@[\\\]^_])$/u.exec(key)?.groups?.['letter'];
    if (control === undefined) return { problem: `Unknown character: '${key}'` };
    bytes.push(control.toUpperCase().charCodeAt(0) - 64);
  }
  return { value: Uint8Array.from(bytes) };
}

/** The keys of a flag, or Docker's default. @throws WindowboxError `invalid-argument` in Docker's words. */
export function readDetachKeys(flag: string | undefined): Uint8Array {
  const parsed = parseDetachKeys(flag ?? defaultDetachKeys);
  if ('value' in parsed) return parsed.value;
  throw new WindowboxError('invalid-argument', `invalid detach keys ${flag ?? ''}: ${parsed.problem}`, {
    hint: 'Write letters and ctrl-LETTER with commas between: ctrl-p,ctrl-q',
  });
}

/**
 * Watches input for the detach keys. Holds back what may be their beginning, and gives it on when the next byte decides against.
 */
export function makeDetachWatch(keys: Uint8Array): (chunk: Uint8Array) => { pass: Uint8Array; detached: boolean } {
  let seen = 0;
  return (chunk) => {
    const pass: number[] = [];
    for (const byte of chunk) {
      if (byte === keys[seen]) {
        seen += 1;
        if (seen === keys.length) return { pass: Uint8Array.from(pass), detached: true };
        continue;
      }
      pass.push(...keys.subarray(0, seen));
      seen = byte === keys[0] && keys.length > 1 ? 1 : 0;
      if (seen === 0) pass.push(byte);
    }
    return { pass: Uint8Array.from(pass), detached: false };
  };
}
