import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  atomicWrite,
  findRepository,
  lockFile,
  type Paths,
  runtimeManifestName,
  type RuntimeParts,
} from '../platform/index.js';
import { buildPart } from './build-part.js';
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
 * @throws WindowboxError `not-found` when a system program is missing, `unavailable` without a network.
 */
export async function ensureRuntime(paths: Paths, options: SetupOptions): Promise<RuntimeParts> {
  const { runtime } = paths;
  await mkdir(runtime, { recursive: true, mode: 0o755 });
  const unlock = await lockFile(join(runtime, '.lock'), {
    timeoutMs: 900_000,
    onWait: (holder) => {
      options.report({ type: 'waiting', holder });
    },
  });
  try {
    const build = { runtime, ...options };
    const root = await buildPart(rootPart(runtime), build);
    const kernel = await buildPart(kernelPart(runtime, root), build);
    const guest = await buildPart(await guestPart(join(findRepository(), 'guest')), build);
    const prefix = await buildPart(prefixPart(root), build);
    const parts = { root, kernel, guest, prefix };
    const names = Object.fromEntries(Object.entries(parts).map(([name, folder]) => [name, basename(folder)]));
    await atomicWrite(join(runtime, runtimeManifestName), `${JSON.stringify(names, null, 2)}\n`, 0o644);
    return parts;
  } finally {
    await unlock();
  }
}
