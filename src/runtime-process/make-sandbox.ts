import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxMount, SandboxNetwork, Layer } from '../runtime/index.js';
import { type OciMount, ociConfig } from './bundle/oci-config.js';
import { resolveMounts } from './bundle/resolve-mounts.js';
import { connectSandbox } from './connect-sandbox.js';
import { type Context, cgroupsPath } from './context.js';
import type { GuestSession } from '../guest-link/index.js';
import { launchInit, rootfs } from './launch-init.js';
import { identifyProcess } from '../runtime-linux/index.js';
import { releaseSandbox } from './release-sandbox.js';
import { type SandboxRecord, makeSandboxFolder, writeRecord } from './sandbox-folder.js';

export interface MakeInput {
  /** The container's id, or the name of a prepared sandbox. */
  readonly id: string;
  readonly hostname: string;
  readonly layer: Layer;
  readonly mounts: readonly SandboxMount[];
  readonly network: SandboxNetwork;
  /** Only with processor time that nobody else wants, until limits are applied. */
  readonly background?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A sandbox that takes programs. */
export interface ReadySandbox {
  readonly record: SandboxRecord;
  readonly link: GuestSession;
}

/** Makes a sandbox from nothing and resolves when its agent takes programs. After an error nothing is left. */
export async function makeReadySandbox(context: Context, input: MakeInput): Promise<ReadySandbox> {
  const record = await makeSandbox(context, input);
  try {
    const link = await connectSandbox(context, input.id, 0);
    link.setHostname(input.hostname);
    return { record, link };
  } catch (error) {
    await releaseSandbox(context, input.id, record);
    throw error;
  }
}

/** Folder, OCI configuration, init. */
async function makeSandbox(context: Context, input: MakeInput): Promise<SandboxRecord> {
  await context.prepareHost();
  const folder = join(context.sandboxes, input.id);
  await makeSandboxFolder(folder, input);
  try {
    const mounts = await resolveMounts(folder, input.layer, input.mounts);
    await writeConfig(context, folder, { ...input, mounts });
    const pid = await launchInit({
      folder,
      instance: input.id,
      layer: input.layer,
      skeleton: context.skeleton,
      ociRuntime: context.ociRuntime,
      ociState: context.ociState,
      signal: input.signal,
    });
    const { startTime } = await identifyProcess(pid);
    const record = { version: 1, id: input.id, instance: input.id, pid, startTime, layer: input.layer } as const;
    await writeRecord(folder, record);
    return record;
  } catch (error) {
    await releaseSandbox(context, input.id);
    throw error;
  }
}

async function writeConfig(
  context: Context,
  folder: string,
  input: Omit<MakeInput, 'mounts'> & { readonly mounts: readonly OciMount[] },
): Promise<void> {
  const config = ociConfig({
    rootfs,
    runtimeRoot: context.options.runtimeRoot,
    guestFolder: context.options.guestFolder,
    folder,
    hostname: input.hostname,
    cgroupsPath: cgroupsPath(context, input.id),
    network: input.network,
    mounts: input.mounts,
    background: input.background === true,
  });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
}
