import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import {
  atomicWrite,
  findRepository,
  lockFile,
  type Paths,
  readRuntimeParts,
  type RuntimeManifest,
  runtimeManifestName,
  type RuntimeParts,
} from '../platform/index.js';
import { buildPart, partFolder } from './build-part.js';
import { guestPart } from './build-guest.js';
import { kernelPart } from './build-kernel.js';
import { prefixPart } from './build-prefix.js';
import { rootPart } from './build-root.js';
import type { Report } from './progress.js';

export interface SetupOptions {
  /** Make every part again, whether it is there or not. */
  readonly rebuild: boolean;
  readonly report: Report;
}

/**
 * Makes what is missing of the runtime, and resolves when all of it is there. Several callers at once are fine: one works, the others
 * wait. A call that was killed leaves the finished parts, and the next goes on after them.
 *
 * @throws WindowboxError `permission-denied` when there is something to make and we are not root, `not-found` when a system program is missing,
 * `unavailable` without a network.
 */
export async function ensureRuntime(paths: Paths, options: SetupOptions): Promise<RuntimeParts> {
  const { runtime } = paths;
  const names = await expectedParts(runtime);
  if (!options.rebuild && (await isCurrent(paths, names))) return readRuntimeParts(paths);
  if (process.getuid?.() !== 0)
    throw new WindowboxError('permission-denied', `Cannot make the runtime "${runtime}": only root can`, {
      hint: 'Run "sudo windowbox setup" once.',
    });
  await mkdir(runtime, { recursive: true, mode: 0o755 });
  const unlock = await lockFile(join(runtime, '.lock'), {
    timeoutMs: 900_000,
    onWait: (holder) => {
      options.report({ type: 'waiting', holder });
    },
  });
  try {
    await removeUnfinished(runtime);
    const build = { runtime, ...options };
    const root = await buildPart(rootPart(runtime), build);
    await buildPart(kernelPart(runtime, root), build);
    await buildPart(await guestPart(guestSources()), build);
    await buildPart(prefixPart(root), build);
    await atomicWrite(join(runtime, runtimeManifestName), `${JSON.stringify(names, null, 2)}\n`, 0o644);
    return await readRuntimeParts(paths);
  } finally {
    await unlock();
  }
}

/** Folder names of the parts that this version of Windowbox wants. */
async function expectedParts(runtime: string): Promise<RuntimeManifest> {
  const root = partFolder(rootPart(runtime));
  return {
    root,
    kernel: partFolder(kernelPart(runtime, root)),
    guest: partFolder(await guestPart(guestSources())),
    prefix: partFolder(prefixPart(root)),
  };
}

async function isCurrent(paths: Paths, names: RuntimeManifest): Promise<boolean> {
  const parts = await readRuntimeParts(paths).catch(() => undefined);
  if (parts === undefined) return false;
  const wanted = [names.root, names.kernel, names.guest, names.prefix];
  const present = [parts.root, parts.kernel, parts.guest, parts.prefix];
  return present.every((folder, index) => basename(folder) === wanted[index] && existsSync(folder));
}

/** What a set-up that was killed left behind; its mounts ended with it. */
async function removeUnfinished(runtime: string): Promise<void> {
  for (const name of await readdir(runtime))
    if (/^\.(?:building-(?!base-)|apt-|unpacked-)/u.test(name))
      await rm(join(runtime, name), { recursive: true, force: true });
}

function guestSources(): string {
  return join(findRepository(), 'guest');
}
