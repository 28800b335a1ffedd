import { goPrint } from './go-print.js';
import { goJson } from './go-json.js';

/** Go's `Sprintf` for the verbs that make sense on JSON: `%v %s %d %q %t %f %x %c %%` with flags `-`, `0`, width and precision. */
export function goPrintf(format: string, values: readonly unknown[]): string {
  let next = 0;
  let text = '';
  let at = 0;
  for (const match of format.matchAll(
    /%(?<flags>[-+ #0]*)(?<width>\d+)?(?:\.(?<precision>\d+))?(?<verb>[a-zA-Z%])/gu,
  )) {
    const { flags = '', width = '0', precision, verb = '' } = match.groups ?? {};
    text += format.slice(at, match.index);
    at = match.index + match[0].length;
    if (verb === '%') text += '%';
    else if (next >= values.length) text += `%!${verb}(MISSING)`;
    else text += fit(show(values[next++], verb, precision), flags, Number(width));
  }
  text += format.slice(at);
  const extra = values.slice(next);
  return extra.length === 0
    ? text
    : `${text}%!(EXTRA ${extra.map((value) => `${typeName(value)}=${goPrint(value)}`).join(', ')})`;
}

function show(value: unknown, verb: string, precision: string | undefined): string {
  switch (verb) {
    case 's':
    case 'v': {
      const text = goPrint(value);
      return precision === undefined || verb === 'v' ? text : Array.from(text).slice(0, Number(precision)).join('');
    }
    case 'd':
      return typeof value === 'number' ? String(Math.trunc(value)) : `%!d(${typeName(value)}=${goPrint(value)})`;
    case 'q':
      return goJson(goPrint(value));
    case 't':
      return String(value);
    case 'f':
      return Number(value).toFixed(Number(precision ?? 6));
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(goPrint(value)).toString('hex');
    case 'c':
      return String.fromCodePoint(Number(value));
    default:
      return `%!${verb}(${typeName(value)}=${goPrint(value)})`;
  }
}

function fit(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  return text.padStart(width, flags.includes('0') && /^-?\d/u.test(text) ? '0' : ' ');
}

function typeName(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
