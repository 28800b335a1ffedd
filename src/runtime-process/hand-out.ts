import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WindowboxError, describeError, isErrno } from '../errors/index.js';
import { runCommand } from '../platform/index.js';
import type { Layer, SandboxNetwork, SandboxSpec } from '../runtime/index.js';
import type { Context } from './context.js';
import type { ReadySandbox } from './make-sandbox.js';
import { discardPrepared, type PreparedSandbox } from './pool.js';
import { type SandboxRecord, writeNetworkFiles, writeRecord } from './sandbox-folder.js';

/**
 * Makes a prepared sandbox the one that was asked for: name, network files, layer. Undefined when that cannot be; the prepared
 * sandbox is gone then, and the caller makes one from nothing.
 *
 * @throws WindowboxError `already-exists` for an id that is in use.
 */
export async function handOut(
  context: Context,
  prepared: PreparedSandbox,
  asked: { readonly spec: SandboxSpec; readonly network: SandboxNetwork; readonly named: Promise<void> },
): Promise<ReadySandbox | undefined> {
  const { spec, network, named } = asked;
  const { record, link } = prepared;
  const folder = join(context.sandboxes, record.id);
  try {
    await checkFree(context, spec.id);
    if (!isConnected(prepared, network)) {
      await discardPrepared(context, prepared);
      return undefined;
    }
    await Promise.all([
      named,
      writeNetworkFiles(folder, spec.hostname, network),
      // It stays in its namespace, which nobody needs by its name then.
      network.mode === 'none' && prepared.namespace !== undefined
        ? context.options.namespaces?.giveBack(prepared.namespace)
        : undefined,
    ]);
    const layer = await moveLayer(record.layer, spec.layer);
    const handed: SandboxRecord = { ...record, id: spec.id, layer };
    await writeRecord(folder, handed);
    await rename(folder, join(context.sandboxes, spec.id));
    return { record: handed, link };
  } catch (error) {
    await discardPrepared(context, prepared);
    if (error instanceof WindowboxError && error.code === 'already-exists') throw error;
    context.log(`cannot hand out prepared sandbox ${record.id}: ${describeError(error)}`);
    return undefined;
  }
}

/** A network that was set up elsewhere does not come to a sandbox that runs. */
function isConnected(prepared: PreparedSandbox, network: SandboxNetwork): boolean {
  return network.mode === 'none' || network.path === prepared.namespace;
}

async function checkFree(context: Context, id: string): Promise<void> {
  const taken = await access(join(context.sandboxes, id)).then(
    () => true,
    () => false,
  );
  if (taken) throw new WindowboxError('already-exists', `Cannot create sandbox "${id}": it exists`);
}

/** To the kernel and to Windows. */
export async function setHostname({ record, link }: PreparedSandbox, hostname: string): Promise<void> {
  const pid = String(record.pid);
  link.setHostname(hostname);
  await runCommand('nsenter', ['--target', pid, '--uts', '--', 'hostname', hostname], { timeoutMs: 5000 });
}

/**
 * Puts the prepared layer where the container's was to be, so that who made the container finds it there. The overlay holds on to the
 * folders themselves, so a parent may be renamed. When the place is not empty or on another file system, it stays where it is.
 */
async function moveLayer(from: Layer, to: Layer): Promise<Layer> {
  try {
    for (const name of ['upper', 'work/work', 'work']) await removeEmpty(join(to.folder, name));
    if ((await readdir(to.folder).catch(() => [])).length > 0) return from;
    await mkdir(dirname(to.folder), { recursive: true, mode: 0o711 });
    await rename(from.folder, to.folder);
    return to;
  } catch (error) {
    if (isErrno(error, 'EXDEV') || isErrno(error, 'ENOTEMPTY')) return from;
    throw error;
  }
}

async function removeEmpty(folder: string): Promise<void> {
  if ((await readdir(folder).catch(() => ['unreadable'])).length === 0) await rm(folder, { recursive: true });
}
