import { WindowboxError } from '../../errors/index.js';

const defaultKeys = 'ctrl-p,ctrl-q';

/**
 * Docker's detach keys: a list of single characters and `ctrl-X`, as bytes.
 *
 * @param keys undefined or empty: `ctrl-p,ctrl-q`.
 * @throws WindowboxError `invalid-argument` with Docker's text.
 */
export function parseDetachKeys(keys: string | undefined): Uint8Array {
  const text = keys === undefined || keys === '' ? defaultKeys : keys;
  return Uint8Array.from(text.split(',').map((key) => byteOf(key, text)));
}

function byteOf(key: string, keys: string): number {
  if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
  const control = /^ctrl-([a-z@[\]^_\\])$/u.exec(key)?.[1];
  if (control === undefined) throw new WindowboxError('invalid-argument', `Invalid detach keys (${keys}) provided`);
  return control.toUpperCase().charCodeAt(0) - 64;
}

/** Looks for the detach keys in what is typed. Keys that turn out not to be them are passed on. */
export function createDetachFilter(keys: Uint8Array): (data: Uint8Array) => { pass: Uint8Array; detached: boolean } {
  let matched = 0;
  return (data) => {
    const pass: number[] = [];
    for (const byte of data) {
      if (byte === keys[matched]) {
        matched += 1;
        if (matched === keys.length) return { pass: Uint8Array.from(pass), detached: true };
        continue;
      }
      pass.push(...keys.subarray(0, matched));
      matched = byte === keys[0] ? 1 : 0;
      if (matched === 0) pass.push(byte);
    }
    return { pass: Uint8Array.from(pass), detached: false };
  };
}
