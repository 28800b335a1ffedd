import type { Parsed } from './parsed.js';

/** `1m30s`, `250ms`, `0` to nanoseconds, by the grammar of Go's time.ParseDuration. */
export function parseDuration(text: string): Parsed<number> {
  if (text === '0' || text === '+0' || text === '-0') return { value: 0 };
  const quoted = JSON.stringify(text);
  const body = text.replace(/^[+-]/u, '');
  if (!/^(?:(?:\d+\.?\d*|\.\d+)[a-zµμ]*)+$/u.test(body)) return { problem: `time: invalid duration ${quoted}` };
  let total = 0;
  for (const [, amount = '', unit = ''] of body.matchAll(/(\d+\.?\d*|\.\d+)([a-zµμ]*)/gu)) {
    if (unit === '') return { problem: `time: missing unit in duration ${quoted}` };
    const size = nanoseconds[unit];
    if (size === undefined) return { problem: `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}` };
    total += Number(amount) * size;
  }
  return { value: Math.round(text.startsWith('-') ? -total : total) };
}

const nanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
