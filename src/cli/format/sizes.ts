/** `1.5GB`, units of 1000, at most four (or `digits`) significant digits: go-units' HumanSize. */
export function formatDecimalSize(bytes: number, digits = 4): string {
  return formatSize(bytes, { step: 1000, digits, units: ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] });
}

/** `512MiB`, units of 1024: go-units' BytesSize. */
export function formatBinarySize(bytes: number): string {
  return formatSize(bytes, { step: 1024, digits: 4, units: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] });
}

function formatSize(bytes: number, scale: { step: number; digits: number; units: readonly string[] }): string {
  let size = bytes;
  let unit = 0;
  while (size >= scale.step && unit < scale.units.length - 1) {
    size /= scale.step;
    unit += 1;
  }
  return `${formatGeneral(size, scale.digits)}${scale.units[unit] ?? ''}`;
}

/** Go's `%.Ng`: N significant digits, no zeros at the end, an exponent where the number is longer. */
function formatGeneral(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  if (!text.includes('e')) return text.includes('.') ? text.replace(/\.?0+$/u, '') : text;
  const [mantissa = '', exponent = ''] = text.split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${mantissa.replace(/\.?0+$/u, '')}e${sign}${exponent.replace(/^[+-]/u, '').padStart(2, '0')}`;
}
