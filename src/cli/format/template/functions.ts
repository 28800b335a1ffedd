import { goJson } from './go-json.js';
import { goPrint } from './go-print.js';
import { goPrintf } from './go-printf.js';
import { isTrue } from './is-true.js';
import { templateError } from './template-error.js';

type Lazy = () => unknown;

/**
 * Calls a function of Go's templates or of Docker's additions (`json join lower upper title split pad truncate println`).
 * Operands come unevaluated, since `and` and `or` stop early.
 *
 * @throws WindowboxError `invalid-argument` for an unknown one.
 */
export function callFunction(name: string, operands: readonly Lazy[]): unknown {
  if (name === 'and' || name === 'or') return shortCircuit(name, operands);
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (known === undefined) throw templateError(`function "${name}" not defined`);
  return known(...operands.map((operand) => operand()));
}

function shortCircuit(name: 'and' | 'or', operands: readonly Lazy[]): unknown {
  let value: unknown;
  for (const operand of operands) {
    value = operand();
    if (isTrue(value) === (name === 'or')) return value;
  }
  return value;
}

const functions: Readonly<Record<string, (...values: readonly unknown[]) => unknown>> = {
  json: (value) => goJson(value),
  join: (list, separator) => (Array.isArray(list) ? list.map(goPrint).join(text(separator)) : ''),
  lower: (value) => text(value).toLowerCase(),
  upper: (value) => text(value).toUpperCase(),
  title: (value) =>
    text(value).replace(/(^|\s)(\S)/gu, (_, before: string, letter: string) => before + letter.toUpperCase()),
  split: (value, separator) => text(value).split(text(separator)),
  pad: (value, before, after) => padded(text(value), Number(before), Number(after)),
  truncate: (value, length) => Array.from(text(value)).slice(0, Number(length)).join(''),
  print: (...values) => joinPrinted(values),
  println: (...values) => `${values.map(goPrint).join(' ')}\n`,
  printf: (format, ...values) => goPrintf(text(format), values),
  len: (value) => lengthOf(value),
  index: (value, ...keys) => keys.reduce((holder: unknown, key) => item(holder, key), value),
  slice: (value, from, to) => sliced(value, from, to),
  not: (value) => !isTrue(value),
  eq: (value, ...others) => others.some((other) => same(value, other)),
  ne: (a, b) => !same(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  html: (value) =>
    text(value).replace(
      /[&<>"']/gu,
      (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;' })[sign] ?? '&#39;',
    ),
  js: (value) => JSON.stringify(text(value)).slice(1, -1),
  urlquery: (value) => encodeURIComponent(text(value)),
};

function text(value: unknown): string {
  return typeof value === 'string' ? value : goPrint(value);
}

function padded(value: string, before: number, after: number): string {
  return value === '' ? '' : `${' '.repeat(before)}${value}${' '.repeat(after)}`;
}

/** Go's Print: a space between two operands when neither is a string. */
function joinPrinted(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const spaced = index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string';
      return `${spaced ? ' ' : ''}${goPrint(value)}`;
    })
    .join('');
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  if (value === undefined || value === null) return 0;
  throw templateError(`error calling len: len of type ${typeof value}`);
}

function item(holder: unknown, key: unknown): unknown {
  if (Array.isArray(holder)) {
    const index = Number(key);
    if (index in holder) return holder[index];
    throw templateError(`error calling index: index out of range: ${String(index)}`);
  }
  if (typeof holder === 'object' && holder !== null)
    return Object.entries(holder).find(([name]) => name === text(key))?.[1] ?? '';
  if (holder === undefined || holder === null) throw templateError('error calling index: index of untyped nil');
  throw templateError(`error calling index: can't index item of type ${typeof holder}`);
}

function sliced(value: unknown, from: unknown, to: unknown): unknown {
  const [start, end] = [Number(from ?? 0), to === undefined ? undefined : Number(to)];
  return Array.isArray(value) ? value.slice(start, end) : text(value).slice(start, end);
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (a ?? null) === (b ?? null);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  throw templateError('error calling lt: incompatible types for comparison');
}
