/** A value as Go's `fmt` prints it with `%v`: `[a b]`, `map[k:v]`, `<no value>` for nil. */
export function goPrint(value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  return inner(value);
}

function inner(value: unknown): string {
  if (value === undefined || value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(inner).join(' ')}]`;
  if (typeof value === 'object')
    return `map[${Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${key}:${inner(item)}`)
      .join(' ')}]`;
  if (typeof value === 'number') return printNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Go prints a JSON number, which is a float64 to it, with `%v`: an exponent from 1e21 on. Whole numbers stay whole. */
function printNumber(value: number): string {
  return Math.abs(value) < 1e21 ? String(value) : value.toExponential().replace(/e\+(\d)$/u, 'e+0$1');
}
