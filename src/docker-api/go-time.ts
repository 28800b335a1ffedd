/** Go's zero time, which Docker prints for "never". */
export const zeroTime = '0001-01-01T00:00:00Z';

/** RFC 3339 as Go's `time.RFC3339Nano` prints it: without zeros at the end of the fraction. */
export function goTime(milliseconds: number): string {
  return trimFraction(new Date(milliseconds).toISOString());
}

/** The same of nanoseconds since 1970. */
export function goTimeOfNanoseconds(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19);
  return trimFraction(`${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`);
}

/** With all nine digits, as `docker logs --timestamps` shows it (RFC3339NanoFixed). */
export function logTime(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`;
}

function trimFraction(text: string): string {
  return text.replace(/\.?0*Z$/u, 'Z');
}
