import { WindowboxError } from '../../errors/index.js';

/** `--filter name=value` given any number of times, as the API's `filters`; undefined when none is. */
export function filtersQuery(
  filters: readonly string[],
  more: Readonly<Record<string, readonly string[]>> = {},
): string | undefined {
  const byName = new Map<string, string[]>(Object.entries(more).map(([name, values]) => [name, [...values]]));
  for (const filter of filters) {
    const [name = '', ...value] = filter.split('=');
    if (value.length === 0)
      throw new WindowboxError(
        'invalid-argument',
        `invalid argument "${filter}" for "-f, --filter" flag: bad format of filter (expected name=value)`,
      );
    const key = name.trim().toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), value.join('=').trim()]);
  }
  if (byName.size === 0) return undefined;
  return JSON.stringify(Object.fromEntries([...byName].map(([name, values]) => [name, values])));
}
