import { lstatSync, lutimesSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Sets back what was written later than this many seconds since 1970, so that equal builds give equal layers. */
export function clampTimes(path: string, latest: number): void {
  const stats = lstatSync(path);
  if (stats.isDirectory()) for (const name of readdirSync(path)) clampTimes(join(path, name), latest);
  if (stats.mtimeMs > latest * 1000 && !stats.isCharacterDevice()) lutimesSync(path, latest, latest);
}
