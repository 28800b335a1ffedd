import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldName } from './entry-name.js';
import { applyDelta, registryDelta } from './registry-delta.js';
import { formatRegistry, parseRegistry } from './registry-text.js';

export interface RegistryPlace {
  readonly root: string;
  readonly parents: readonly string[];
  readonly owner: { readonly uid: number; readonly gid: number };
}

/**
 * Turns the registry files that a container wrote into what it changed of the layers below, kept as a plain file on C:, where it
 * survives every registry and real Windows does not mind it. A file in which nothing changed goes.
 *
 * @returns whether anything changed.
 */
export function storeRegistryChanges(place: RegistryPlace): boolean {
  let changed = false;
  for (const name of registryFiles) {
    const path = join(place.root, name);
    const below = findBelow(place, name);
    if (!existsSync(path) || below === undefined) continue;
    const delta = registryDelta(parseRegistry(readFileSync(below, 'utf8')), parseRegistry(readFileSync(path, 'utf8')));
    if (delta === '') {
      rmSync(path);
      continue;
    }
    changed = true;
    writeDelta(place, name, delta);
  }
  return changed;
}

/** Applies the changes that a layer carries to the registry below it, so that containers on the layer see them. */
export function applyRegistryChanges(place: RegistryPlace): void {
  const folder = spellPath(join(place.root, 'drive_c'), deltaFolder);
  if (folder === undefined) return;
  for (const name of registryFiles) {
    const delta = join(folder, deltaName(name));
    const below = findBelow(place, name);
    const stats = lstatSync(delta, { throwIfNoEntry: false });
    if (stats?.isFile() !== true || stats.size > maxDelta || below === undefined) continue;
    const merged = applyDelta(parseRegistry(readFileSync(below, 'utf8')), readFileSync(delta, 'utf8'));
    const path = join(place.root, name);
    writeFileSync(path, formatRegistry(merged), { mode: 0o644 });
    chownSync(path, place.owner.uid, place.owner.gid);
  }
}

/** Whether a layer carries changes of the registry. */
export function hasRegistryChanges(root: string): boolean {
  return spellPath(join(root, 'drive_c'), deltaFolder) !== undefined;
}

function writeDelta(place: RegistryPlace, name: string, delta: string): void {
  const drives = [place.root, ...place.parents].map((root) => join(root, 'drive_c'));
  let folder = join(place.root, 'drive_c');
  for (const [depth, part] of deltaFolder.entries()) {
    const spelled = drives
      .map((drive) => spellPath(drive, deltaFolder.slice(0, depth + 1)))
      .find((path) => path !== undefined);
    folder = join(folder, spelled?.replace(/^.*\//u, '') ?? part);
    if (!existsSync(folder)) {
      mkdirSync(folder, { mode: 0o755 });
      chownSync(folder, place.owner.uid, place.owner.gid);
    }
  }
  const path = join(folder, deltaName(name));
  writeFileSync(path, delta, { mode: 0o644 });
  chownSync(path, place.owner.uid, place.owner.gid);
}

function findBelow({ parents }: RegistryPlace, name: string): string | undefined {
  return parents.map((root) => join(root, name)).find((path) => existsSync(path));
}

/** The path with the spelling of the disk; undefined when it is not there. */
function spellPath(top: string, parts: readonly string[]): string | undefined {
  let path = top;
  for (const part of parts) {
    const entry = existsSync(path)
      ? readdirSync(path, { withFileTypes: true }).find((found) => foldName(found.name) === foldName(part))
      : undefined;
    if (entry?.isDirectory() !== true) return undefined;
    path = join(path, entry.name);
  }
  return path;
}

function deltaName(name: string): string {
  return name.replace(/\.reg$/u, '.delta');
}

const registryFiles = ['system.reg', 'user.reg', 'userdef.reg'];
const deltaFolder = ['ProgramData', 'Windowbox', 'registry'];
/** More is no registry change but an attack on our memory. */
const maxDelta = 64 * 2 ** 20;
