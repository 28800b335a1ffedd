/** Splits one line of comma-separated values; a field in double quotes may hold commas, and `""` for a quote. */
export function splitCsv(text: string): readonly string[] {
  const fields: string[] = [];
  const pattern = /(?:"(?<quoted>(?:[^"]|"")*)"|(?<plain>[^,]*))(?:,|$)/gy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return text.split(',');
    fields.push(match.groups?.['quoted']?.replaceAll('""', '"') ?? match.groups?.['plain'] ?? '');
  }
  return fields;
}
