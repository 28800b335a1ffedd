import type { Parsed } from './parsed.js';

/** `1.5` or `3/2` processors to billionths of one. Exact: a value finer than a billionth is refused, as Docker does. */
export function parseCpus(text: string): Parsed<number> {
  const fraction = /^(?<top>\d+)\/(?<bottom>[1-9]\d*)$/u.exec(text)?.groups;
  const decimal = /^\d*\.?\d*$/u.test(text) && /\d/u.test(text);
  if (fraction === undefined && !decimal) return { problem: `failed to parse ${text} as a rational number` };
  const value =
    fraction === undefined ? Number(text) * 1e9 : (Number(fraction['top']) * 1e9) / Number(fraction['bottom']);
  const tooFine = fraction === undefined ? (text.split('.')[1] ?? '').replace(/0+$/u, '').length > 9 : value % 1 !== 0;
  return tooFine ? { problem: 'value is too precise' } : { value: Math.round(value) };
}
