import type { Parsed } from './parsed.js';

/** `512m`, `1.5GiB`, `1024` to bytes, units of 1024, as go-units' RAMInBytes, which Docker uses for `--memory`. `-1` is no limit. */
export function parseBytes(text: string): Parsed<number> {
  if (text === '-1') return { value: -1 };
  const match = /^(?<amount>\d+(?:\.\d+)?) ?(?:(?<unit>[kmgtp])i?)?b?$/iu.exec(text);
  if (match?.groups === undefined) return { problem: `invalid size: '${text}'` };
  const { amount = '', unit } = match.groups;
  const power = unit === undefined ? 0 : 'kmgtp'.indexOf(unit.toLowerCase()) + 1;
  return { value: Math.trunc(Number(amount) * 1024 ** power) };
}
