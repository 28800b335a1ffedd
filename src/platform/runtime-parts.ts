import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, WindowboxError } from '../errors/index.js';
import type { Paths } from './paths.js';

/**
 * The finished parts of the runtime, as absolute folders below `paths.runtime`. Each folder's name ends in the hash of its recipe and
 * is never changed once it is there, so a new set-up leaves running containers alone. See docs/reference/disk-layout.md.
 */
export interface RuntimeParts {
  /** Debian 13 with Wine: the read-only root below every container, and in every VM. */
  readonly root: string;
  /** `vmlinuz`, `modules/NAME.ko`, `modules.json` (names, each after those that it needs). */
  readonly kernel: string;
  /** The compiled guest programs. */
  readonly guest: string;
  /** The Wine prefix that all bases share: `drive_c`, `system.reg`, `user.reg`, `userdef.reg`. Owned by {@link containerOwner}. */
  readonly prefix: string;
}

/** Who owns a Wine prefix on the host: user 1000 of the containers' user namespace, which begins at 100000. */
export const containerOwner = { uid: 101_000, gid: 101_000 } as const;

/** File below `paths.runtime` that names the current parts; replaced atomically when a set-up has finished. */
export const runtimeManifestName = 'runtime.json';

export interface RuntimeManifest {
  readonly root: string;
  readonly kernel: string;
  readonly guest: string;
  readonly prefix: string;
}

/** @throws WindowboxError `unavailable` when there is no finished runtime. */
export async function readRuntimeParts(paths: Paths): Promise<RuntimeParts> {
  const file = join(paths.runtime, runtimeManifestName);
  const manifest = await readManifest(file);
  return {
    root: join(paths.runtime, manifest.root),
    kernel: join(paths.runtime, manifest.kernel),
    guest: join(paths.runtime, manifest.guest),
    prefix: join(paths.runtime, manifest.prefix),
  };
}

async function readManifest(file: string): Promise<RuntimeManifest> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isManifest(value)) return value;
    throw new SyntaxError('not a runtime manifest');
  } catch (error) {
    const missing = isErrno(error, 'ENOENT');
    throw new WindowboxError(
      'unavailable',
      `Cannot use the runtime root "${file}": ${missing ? 'it has not been made yet' : 'the file is damaged'}`,
      { hint: `Run "windowbox setup${missing ? '' : ' --rebuild'}".`, cause: error },
    );
  }
}

function isManifest(value: unknown): value is RuntimeManifest {
  if (typeof value !== 'object' || value === null) return false;
  const entries: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  return ['root', 'kernel', 'guest', 'prefix'].every((name) => {
    const part = entries.get(name);
    return typeof part === 'string' && /^[a-z]+-[0-9a-f]+$/u.test(part);
  });
}
