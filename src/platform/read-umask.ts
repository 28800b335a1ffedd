import { readFileSync } from 'node:fs';

/** What Linux takes from the mode of a new file. Node's own `process.umask()` sets it to zero for a moment, for all threads. */
export function readUmask(): number {
  const digits = /^Umask:\s*([0-7]+)$/mu.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return digits === undefined ? 0o777 : parseInt(digits, 8);
}
