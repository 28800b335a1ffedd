import { WindowboxError } from '../errors/index.js';
import { dockerText } from './docker-texts.js';
import type { Filters } from './types.js';

/** Tests by filter name; all names must match, the values of one name are alternatives (labels: all of them). */
export type FilterTests<T> = Readonly<Record<string, (item: T, value: string) => boolean>>;

/** @throws WindowboxError `invalid-argument` "invalid filter 'x'" for a name that is not in `tests`. */
export function matchesAll<T>(filters: Filters, tests: FilterTests<T>): (item: T) => boolean {
  const checks = Object.entries(filters).map(([name, values]) => {
    const test = tests[name];
    if (test === undefined) throw new WindowboxError('invalid-argument', dockerText('invalidFilter', name));
    return name.startsWith('label')
      ? (item: T) => values.every((value) => test(item, value))
      : (item: T) => values.some((value) => test(item, value));
  });
  return (item) => checks.every((check) => check(item));
}

/** `key` or `key=value`. */
export function labelMatches(labels: Readonly<Record<string, string>>, filter: string): boolean {
  const at = filter.indexOf('=');
  return at === -1 ? labels[filter] !== undefined : labels[filter.slice(0, at)] === filter.slice(at + 1);
}

/** A filter that must be a boolean. */
export function parseBooleanFilter(name: string, value: string): boolean {
  if (['1', 't', 'true', 'True', 'TRUE'].includes(value)) return true;
  if (['0', 'f', 'false', 'False', 'FALSE'].includes(value)) return false;
  throw new WindowboxError('invalid-argument', dockerText('invalidFilter', `${name}=[${value}]`));
}
