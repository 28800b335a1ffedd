import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, cgroupOf } from './context.js';
import { killProcess, removeCgroup } from '../runtime-linux/index.js';
import { type SandboxRecord, readRecord } from './sandbox-folder.js';

/**
 * Removes all of a sandbox but its layer, running or half gone. The order lets a crash in between be finished by a second call:
 * processes first, which takes the mounts with them, the folder with the record last. Idempotent.
 */
export async function releaseSandbox(context: Context, name: string, known?: SandboxRecord): Promise<void> {
  const folder = join(context.sandboxes, name);
  const record = known ?? (await readRecord(folder));
  if (record !== undefined) await killProcess(record);
  // Without a record the container may still have been started: its cgroup has the name, and removing it kills.
  const instance = record?.instance ?? name;
  await removeCgroup(await cgroupOf(context, instance));
  // Not at once with the folder: only its record knows the instance's name, and a crash between leaves the state for ever.
  await rm(join(context.ociState, instance), removed);
  await rm(folder, removed);
}

const removed = { recursive: true, force: true } as const;
