import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepMount } from '../build-host.js';
import type { Build, Stage } from '../evaluate/build-state.js';
import { folderTree } from '../files/folder-tree.js';
import { partsOnDrive } from '../parse/windows-path.js';
import { openBindSource } from './bind-source.js';
import { copyTree } from './copy-tree.js';
import type { MountStep, OpenMount, Undo } from './mount-step.js';
import { openCaches } from './open-caches.js';
import { openSecrets } from './open-secrets.js';
import { placeInTree } from './place-in-tree.js';

/** The mounts of one RUN, open. */
export interface StepMounts {
  readonly mounts: readonly StepMount[];
  /** Secrets for the environment, `NAME=value`. */
  readonly env: readonly string[];
  release(): Promise<void>;
}

/** What of the mounts belongs to the cache key: the content of binds. Caches and secrets do not. */
export async function describeMounts(build: Build, { mounts, line }: MountStep): Promise<string> {
  const texts: string[] = [];
  for (const mount of mounts) {
    if (mount.type !== 'bind') continue;
    const source = await openBindSource(build, { ...mount, line });
    try {
      texts.push(`${mount.target}:${mount.writable ? 'rw:' : ''}${await source.digest()}`);
    } finally {
      await source.release();
    }
  }
  return texts.join(' ');
}

/** Opens all mounts of a step. The caller releases them, whatever becomes of the step. */
export async function openStepMounts(build: Build, stage: Stage, step: MountStep): Promise<StepMounts> {
  const undo: (() => Promise<void>)[] = [];
  const release = async (): Promise<void> => {
    for (const act of undo.splice(0).toReversed()) await act();
  };
  const later: Undo = (act) => undo.push(act);
  try {
    const secrets = await openSecrets(build, step, later);
    const open = [
      ...(await openBinds(build, step, later)),
      ...secrets.mounts,
      ...(await openCaches(build, step, later)),
    ];
    return { mounts: await withStubs(build, stage, open), env: secrets.env, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function openBinds(build: Build, { mounts, line }: MountStep, later: Undo): Promise<OpenMount[]> {
  const open: OpenMount[] = [];
  for (const mount of mounts) {
    if (mount.type !== 'bind') continue;
    const source = await openBindSource(build, { ...mount, line });
    later(async () => source.release());
    const path = await source.path();
    open.push({
      source: mount.writable ? await copyOf(build, path, later) : path,
      target: mount.target,
      readOnly: !mount.writable,
    });
  }
  return open;
}

/** For a step that writes: a copy that goes with it. */
async function copyOf(build: Build, path: string, later: Undo): Promise<string> {
  const folder = await mkdtemp(join(build.host.state.work, 'bind-'));
  later(async () => rm(folder, { recursive: true, force: true }));
  const copy = join(folder, 'copy');
  await copyTree(path, copy);
  return copy;
}

/** A mount on C: makes its target where the image has none: that stub is no change of the step. */
async function withStubs(build: Build, stage: Stage, mounts: readonly OpenMount[]): Promise<StepMount[]> {
  if (mounts.every(({ target }) => !target.startsWith('C:')))
    return mounts.map((mount) => ({ ...mount, existing: undefined }));
  const image = await build.host.mount(stage.imageId);
  try {
    return mounts.map((mount) => {
      if (!mount.target.startsWith('C:')) return { ...mount, existing: undefined };
      const names = partsOnDrive(mount.target);
      return { ...mount, existing: placeInTree(folderTree(join(image.path, 'drive_c')), names, true).found.length };
    });
  } finally {
    await image.release();
  }
}
