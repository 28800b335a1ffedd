import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import {
  lockFile,
  type Paths,
  readRuntimeParts,
  runCommand,
  runtimeManifestName,
  syncFolder,
} from '../platform/index.js';
import { contentsFile, findDamage } from './part-contents.js';

/**
 * Writes the finished runtime to one file (tar, zstd when its name ends in `.zst`), for a machine without a network.
 *
 * @throws WindowboxError `unavailable` when there is no finished runtime.
 */
export async function exportRuntime(paths: Paths, file: string): Promise<void> {
  const parts = await readRuntimeParts(paths);
  const folders = [parts.root, parts.kernel, parts.guest, parts.prefix];
  const names = folders.flatMap((folder) => [basename(folder), basename(contentsFile(folder))]);
  const target = resolve(file);
  const temporary = `${target}.part`;
  try {
    const flags = ['--create', '--file', temporary, ...compression(file), '--numeric-owner', '--sort=name'];
    await runCommand('tar', [...flags, '--directory', paths.runtime, runtimeManifestName, ...names], {
      timeoutMs: 900_000,
    });
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Puts an exported runtime in place. What is there already stays; nothing changes when the file is damaged.
 *
 * @throws WindowboxError `not-found` for a missing file, `data-loss` for one that is cut or no export.
 */
export async function importRuntime(paths: Paths, file: string): Promise<void> {
  const source = resolve(file);
  if (!existsSync(source)) throw new WindowboxError('not-found', `Cannot import "${file}": no such file`);
  await mkdir(paths.runtime, { recursive: true, mode: 0o755 });
  const unlock = await lockFile(join(paths.runtime, '.lock'), { timeoutMs: 900_000 });
  const temporary = join(paths.runtime, '.building-import');
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
    const flags = [
      '--extract',
      '--file',
      source,
      ...compression(file),
      '--numeric-owner',
      '--same-owner',
      '--same-permissions',
    ];
    await runCommand('tar', [...flags, '--directory', temporary], { timeoutMs: 900_000 }).catch((cause: unknown) => {
      throw damaged(file, 'tar cannot read it', cause);
    });
    const parts = await readRuntimeParts({ ...paths, runtime: temporary }).catch((cause: unknown) => {
      throw damaged(file, `no ${runtimeManifestName} in it`, cause);
    });
    const folders = [parts.root, parts.kernel, parts.guest, parts.prefix];
    for (const folder of folders) {
      const [damage] = await findDamage(folder);
      if (damage !== undefined) throw damaged(file, damage);
    }
    await runCommand('sync', ['-f', temporary], { timeoutMs: 300_000 });
    for (const folder of folders) await moveInto(paths.runtime, folder);
    await rename(join(temporary, runtimeManifestName), join(paths.runtime, runtimeManifestName));
    await syncFolder(paths.runtime);
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await unlock();
  }
}

async function moveInto(runtime: string, folder: string): Promise<void> {
  const target = join(runtime, basename(folder));
  if (existsSync(target)) return;
  await rename(contentsFile(folder), contentsFile(target));
  await rename(folder, target);
}

function compression(file: string): readonly string[] {
  return file.endsWith('.zst') ? ['--zstd'] : [];
}

function damaged(file: string, why: string, cause?: unknown): WindowboxError {
  return new WindowboxError('data-loss', `Cannot import "${file}": ${why}`, {
    hint: 'Make it again with "windowbox setup --export FILE" on a machine with a network.',
    cause,
  });
}
