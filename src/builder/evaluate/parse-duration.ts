import { WindowboxError } from '../../errors/index.js';

/** Nanoseconds of `30s`, `1m30s`, `500ms`; 0 for none. @throws WindowboxError `invalid-argument` with Docker's text. */
export function parseDuration(text: string | undefined, name: string): number {
  if (text === undefined || text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/gu)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text)
    throw new WindowboxError('invalid-argument', `time: invalid duration "${text}"`);
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
  if (total < 1e6) throw new WindowboxError('invalid-argument', `Interval "${name}" cannot be less than 1ms`);
  return total;
}

const units: Readonly<Record<string, number>> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 };
