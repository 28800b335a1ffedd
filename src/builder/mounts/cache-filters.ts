import { WindowboxError } from '../../errors/index.js';
import { parseDuration } from '../evaluate/parse-duration.js';
import type { CacheRecord } from './cache-records.js';

export type CacheFilters = Readonly<Record<string, readonly string[]>>;

/** The type of every record here, as Docker names it. */
export const cacheType = 'exec.cachemount';

/**
 * Docker's filters for the build cache: `id`, `type`, `description`, `unused-for` (or `until`: a duration without use, or a time of last use).
 *
 * @throws WindowboxError `invalid-argument` for another one.
 */
export function fitsFilters(record: CacheRecord, filters: CacheFilters): boolean {
  return Object.entries(filters).every(([name, values]) => {
    const test = tests[name];
    if (!test) throw new WindowboxError('invalid-argument', `invalid filter '${name}'`);
    return values.some((value) => test(record, value));
  });
}

const tests: Readonly<Record<string, (record: CacheRecord, value: string) => boolean>> = {
  id: ({ id }, value) => id.startsWith(value),
  type: (_, value) => value === cacheType,
  description: ({ description }, value) => description.includes(value),
  'unused-for': ({ lastUsedAt }, value) => lastUsedAt <= limitOf(value),
  until: ({ lastUsedAt }, value) => lastUsedAt <= limitOf(value),
};

function limitOf(value: string): number {
  if (/^\d+(?:\.\d+)?$/u.test(value)) return Number(value) * 1000;
  const date = /^\d{4}-\d\d-\d\d/u.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? Date.now() - parseDuration(value, 'until') / 1e6 : date;
}
