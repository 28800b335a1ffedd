import { formatDecimalSize } from './sizes.js';

/** What a prune removed, as Docker prints it. */
export function pruneReport(title: string, removed: readonly string[], reclaimed: number): string {
  const list = removed.length === 0 ? '' : `${title}:\n${removed.map((name) => `${name}\n`).join('')}\n`;
  return `${list}Total reclaimed space: ${formatDecimalSize(reclaimed)}\n`;
}
