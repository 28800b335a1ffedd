import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../errors/index.js';
import { foldName } from './layers/entry-name.js';
import { hasRegistryChanges } from './layers/layer-registry.js';

/** What in a layer belongs to one Windows and may not suit another. */
export interface SystemChanges {
  /** `C:\Windows\System32\a.dll`, new, changed or deleted; the first ones. */
  readonly files: readonly string[];
  readonly fileCount: number;
  /** `SOFTWARE_DELTA`: registry changes in Windows' form, which are differences to the hives of one base. */
  readonly hives: readonly string[];
  /** Registry changes in our form, which are applied to any base. */
  readonly registry: boolean;
}

/** Looks at the folders of one unpacked layer. Temporary files do not count. */
export function systemChanges({ root, meta }: { readonly root: string; readonly meta: string }): SystemChanges {
  const drive = join(root, 'drive_c');
  const files: string[] = [];
  let fileCount = 0;
  for (const name of readdirSync(drive).filter((found) => foldName(found) === foldName('Windows')))
    for (const parts of filesBelow(join(drive, name), [])) {
      fileCount += 1;
      if (files.length < shownFiles) files.push(['C:', name, ...parts].join('\\'));
    }
  return {
    files,
    fileCount,
    hives: readNames(join(meta, 'hives')).toSorted(),
    registry: hasRegistryChanges(root),
  };
}

function* filesBelow(folder: string, parts: readonly string[]): Generator<readonly string[]> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (parts.length === 0 && foldName(entry.name) === foldName('Temp')) continue;
    const inner = [...parts, entry.name];
    if (entry.isDirectory()) yield* filesBelow(join(folder, entry.name), inner);
    else yield inner;
  }
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

const shownFiles = 3;
