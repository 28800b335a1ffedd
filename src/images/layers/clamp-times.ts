import { lstatSync, lutimesSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readTar, tarEnd, tarHeader, tarPadding } from '../../platform/index.js';

/** Sets back what was written later than this many seconds since 1970, so that equal builds give equal layers. */
export function clampTimes(path: string, latest: number): void {
  const stats = lstatSync(path);
  if (stats.isDirectory()) for (const name of readdirSync(path)) clampTimes(join(path, name), latest);
  if (stats.mtimeMs > latest * 1000 && !stats.isCharacterDevice()) lutimesSync(path, latest, latest);
}

/** As {@link clampTimes}, for a layer that is still a stream. */
export async function* clampStream(
  source: AsyncIterable<Uint8Array>,
  latest: number | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (latest === undefined) {
    yield* source;
    return;
  }
  const limit = BigInt(latest) * 1_000_000_000n;
  for await (const { header, body } of readTar(source)) {
    const { name, type, size, linkName, modified, pax } = header;
    if (type === 'other') continue;
    const { path: _path, size: _size, linkpath: _link, mtime: _time, ...rest } = pax;
    yield tarHeader({ name, type, size, linkName, modified: modified > limit ? limit : modified, pax: rest });
    yield* body;
    yield tarPadding(size);
  }
  yield tarEnd;
}
