/** JSON as Go's encoder writes it: no spaces, and `<`, `>`, `&` kept readable (Docker turns HTML escapes off). */
export function goJson(value: unknown): string {
  return JSON.stringify(value ?? null)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}
