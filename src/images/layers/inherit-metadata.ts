import { linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatEntryName } from './entry-name.js';
import { createSidecar, readSidecar, type SidecarMap, type SidecarRecord } from './sidecar.js';

/** A folder of what the roots below cannot hold, topmost first. */
type Metas = readonly string[];

/**
 * Writes the sidecar of a layer that a container made: overlayfs copied a file up with its bytes, and its descriptor, attributes,
 * creation time and streams come along from the layers below.
 */
export async function inheritMetadata(root: string, meta: string, below: Metas): Promise<void> {
  const paths = [...pathsOf(join(root, 'drive_c'), [])].map((parts) => formatEntryName('Files', parts));
  const wanted = new Set(paths);
  const sidecars: SidecarMap[] = [];
  // One after the other, and of each only what the container wrote too: together they may be more than fits into memory.
  for (const path of below) sidecars.push(await readSidecar(join(path, 'sidecar.jsonl'), wanted));
  const streams = join(meta, 'streams');
  mkdirSync(streams, { recursive: true, mode: 0o700 });
  const writer = createSidecar(join(meta, 'sidecar.jsonl'));
  let count = 0;
  try {
    for (const path of paths) {
      const found = findRecord(sidecars, path);
      if (!found) continue;
      const { record, layer } = found;
      const copied = (record.streams ?? []).map((stream) => {
        count += 1;
        linkSync(join(below[layer] ?? '', 'streams', stream.file), join(streams, String(count)));
        return { ...stream, file: String(count) };
      });
      writer.write(copied.length === 0 ? record : { ...record, streams: copied });
    }
  } finally {
    writer.close();
  }
}

function findRecord(
  sidecars: readonly SidecarMap[],
  path: string,
): { record: SidecarRecord; layer: number } | undefined {
  for (const [layer, sidecar] of sidecars.entries()) {
    const found = sidecar.get(path);
    if (!found || found.implied === true) continue;
    const { modified: _, ...record } = found;
    return { record, layer };
  }
  return undefined;
}

function* pathsOf(folder: string, parts: readonly string[]): Generator<readonly string[]> {
  yield parts;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = [...parts, entry.name];
    if (entry.isDirectory()) yield* pathsOf(join(folder, entry.name), path);
    else if (!entry.isCharacterDevice()) yield path;
  }
}
