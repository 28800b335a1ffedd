import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * An error's stack with places in the sources for those in a bundle, from the map beside it. Node's --enable-source-maps does the same and keeps the decoded map: 20 MB
 * of a daemon's memory, from the first error on whose stack anything looks at.
 */
export function readableStack(error: Error): string {
  const maps = new Map<string, SourceMap | undefined>();
  return (error.stack ?? error.message).replaceAll(
    place,
    (whole: string, url: string, line: string, column: string) => {
      if (!maps.has(url)) maps.set(url, readMap(url));
      const entry = maps.get(url)?.findEntry(Number(line) - 1, Number(column) - 1);
      if (entry === undefined || !('originalSource' in entry)) return whole;
      return `${entry.originalSource}:${String(entry.originalLine + 1)}:${String(entry.originalColumn + 1)}`;
    },
  );
}

const place = /(file:\/\/[^\s()]+):(\d+):(\d+)/gu;

function readMap(url: string): SourceMap | undefined {
  try {
    const map: unknown = JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, 'utf8'));
    return isSourceMap(map) ? new SourceMap(map) : undefined;
  } catch {
    // Unbundled, or built without: the place in the program has to do.
    return undefined;
  }
}

function isSourceMap(map: unknown): map is SourceMapPayload {
  return typeof map === 'object' && map !== null && 'mappings' in map && typeof map.mappings === 'string';
}
