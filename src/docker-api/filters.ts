import { WindowboxError } from '../errors/index.js';

/** Docker's filters: name → values, of which one must fit (or all, for labels). */
export type FilterMap = Readonly<Record<string, readonly string[]>>;

/**
 * Reads the `filters` parameter in both of its forms: `{"label":["a=b"]}` and, from API 1.22 on, `{"label":{"a=b":true}}`.
 *
 * @throws WindowboxError `invalid-argument` with Docker's text.
 */
export function parseFilters(text: string | undefined): FilterMap {
  if (text === undefined || text === '') return {};
  const parsed = parseJson(text);
  if (parsed === null) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw invalidFilter();
  const filters: [string, readonly string[]][] = [];
  for (const [name, values] of Object.entries(parsed)) filters.push([name, valuesOf(values)]);
  return Object.fromEntries(filters);
}

/**
 * Refuses a filter that the endpoint does not know.
 *
 * @throws WindowboxError `invalid-argument`: `invalid filter 'x'`.
 */
export function checkFilterNames(filters: FilterMap, known: readonly string[]): void {
  for (const name of Object.keys(filters)) if (!known.includes(name)) throw invalidFilter(name);
}

/**
 * The value of a filter that is a truth value; undefined when it is not given.
 *
 * @throws WindowboxError `invalid-argument` for another word or for both at once.
 */
export function booleanFilter(filters: FilterMap, name: string): boolean | undefined {
  const values = filters[name];
  if (values === undefined || values.length === 0) return undefined;
  const truths = new Set(values.map((value) => truthOf(value)));
  const [truth] = truths;
  if (truths.size !== 1 || truth === undefined)
    throw new WindowboxError('invalid-argument', `invalid filter '${name}=[${values.join(' ')}]'`);
  return truth;
}

function truthOf(value: string): boolean | undefined {
  if (['1', 'true', 't', 'T', 'TRUE', 'True'].includes(value)) return true;
  return ['0', 'false', 'f', 'F', 'FALSE', 'False'].includes(value) ? false : undefined;
}

function valuesOf(values: unknown): readonly string[] {
  if (values === null) return [];
  if (typeof values !== 'object') throw invalidFilter();
  if (!Array.isArray(values)) {
    if (Object.values(values).some((value) => typeof value !== 'boolean')) throw invalidFilter();
    return Object.keys(values);
  }
  return values.map((value: unknown) => {
    if (typeof value !== 'string') throw invalidFilter();
    return value;
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidFilter();
  }
}

function invalidFilter(name?: string): WindowboxError {
  return new WindowboxError('invalid-argument', name === undefined ? 'invalid filter' : `invalid filter '${name}'`);
}
