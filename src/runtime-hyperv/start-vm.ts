import { mkdir, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeError, isErrno, WindowboxError } from '../errors/index.js';
import { connectGuest, type GuestSession } from '../guest-link/index.js';
import { identifyProcess, makeLayerFolder } from '../runtime-linux/index.js';
import type { CreateOptions, SandboxMount, SandboxSpec } from '../runtime/index.js';
import { beginRequest } from './begin-request.js';
import { connectNetwork } from './connect-network.js';
import { connectSocket } from './connect-socket.js';
import { cgroupOf, type Context, folderOf, prepareFolders } from './context.js';
import { type ControlLink, openControlLink } from './control-link.js';
import { type HostShare, launchVm } from './launch-vm.js';
import { hasOwnRegistry, type LayerPlan, planLayers } from './plan-layers.js';
import { inside, vmSockets } from './qemu-arguments.js';
import type { StartPhase } from './hyperv-runtime-options.js';
import type { QmpClient } from './qmp-client.js';
import { describeConsole } from './read-console.js';
import { releaseVm } from './release-vm.js';
import { restoreVm } from './restore-vm.js';
import { type GuestFate, whileAlive } from './while-alive.js';
import type { Template } from './describe-template.js';
import { describeBases } from './list-templates.js';
import { withTemplate } from './template.js';
import { makeVmCgroup } from './vm-cgroup.js';
import { type VmRecord, writeVmRecord } from './vm-record.js';
import { type VmSize, vmSize } from './vm-size.js';
import { diskOf, ensureDisk } from './writable-disk.js';

/** A VM that takes programs. */
export interface ReadyVm {
  readonly record: VmRecord;
  readonly qmp: QmpClient;
  readonly control: ControlLink;
  readonly link: GuestSession;
}

/** Under emulation, on a busy machine, Wine's start takes its time. */
const readyMs = 180_000;
const beginMs = 120_000;

/**
 * From a spec to a VM that takes programs: folder, template, disk, QEMU, what differs between copies. A guest that dies before it took
 * one is started once more: on a very busy machine an emulated kernel has been seen to fail. After an error nothing is left.
 */
export async function startVm(context: Context, spec: SandboxSpec, options: CreateOptions = {}): Promise<ReadyVm> {
  await prepareFolders(context);
  const fate: GuestFate = { died: false, released: false };
  try {
    return await tryStart(context, { spec, options, fate });
  } catch (error) {
    if (!fate.died || options.signal?.aborted === true) throw error;
    context.log(`starting VM ${spec.id} once more: ${describeError(error)}`);
    return tryStart(context, { spec, options, fate: { died: false, released: false } });
  }
}

async function tryStart(context: Context, input: Omit<MakeInput, 'folder'>): Promise<ReadyVm> {
  const { spec } = input;
  const folder = folderOf(context, spec.id);
  await mkdir(folder, { mode: 0o711 }).catch((error: unknown) => {
    if (!isErrno(error, 'EEXIST')) throw error;
    throw new WindowboxError('already-exists', `Cannot create sandbox "${spec.id}": it exists`);
  });
  const hadDisk = existsSync(diskOf(spec.layer));
  try {
    return await makeVm(context, { ...input, folder });
  } catch (error) {
    input.fate.released = true;
    await releaseVm(context, spec.id);
    // No program has run: there is nothing on it.
    if (!hadDisk) await rm(diskOf(spec.layer), { force: true });
    throw error;
  }
}

interface MakeInput {
  readonly spec: SandboxSpec;
  readonly folder: string;
  readonly options: CreateOptions;
  readonly fate: GuestFate;
}

async function makeVm(context: Context, input: MakeInput): Promise<ReadyVm> {
  const { spec, folder, options } = input;
  const mounts = await describeMounts(spec.mounts);
  await makeLayerFolder(spec.layer.folder);
  const plan = planLayers(context, spec.layer);
  // A disk that is left holds what nobody has read yet.
  const ownRegistry = existsSync(diskOf(spec.layer)) || (await hasOwnRegistry(spec.layer, plan));
  const size = vmSize(spec.resources);
  await writeVmRecord(folder, recordOf(spec, size));
  checkCancelled(options.signal);
  const disk = await ensureDisk(context, spec.layer);
  const shares = await layerShares(spec, plan);
  const connected = typeof spec.network === 'function' ? await spec.network(undefined) : spec.network;
  const vmNetwork = await connectNetwork(connected);
  const network = connected.mode === 'namespace' ? connected.path : undefined;
  const vm = await withTemplate(
    context,
    { size, bases: plan.bases },
    {
      report: (step) => options.onDelay?.(describeDelay(plan.bases, step)),
      act: async (template) => restore(context, { ...input, template, size, disk, shares, network }),
    },
  );
  try {
    const control = openControlLink(await connectSocket(folder, vmSockets.control));
    const begin = beginRequest({
      hostname: spec.hostname,
      network: connected,
      lowers: plan.images.length,
      mounts,
      vmNetwork,
    });
    const setUp = async (): Promise<void> => {
      if (ownRegistry) await control.ask(['stop-wine'], beginMs);
      await control.ask(begin, beginMs);
      if (ownRegistry) await control.ask(['start-wine'], beginMs);
    };
    await phase(context, 'begin', async () => whileAlive(vm.qmp, input.fate, setUp()));
    const connecting = connectAgent(context, folder, 0);
    const link = await phase(context, 'agent', async () => whileAlive(vm.qmp, input.fate, connecting));
    link.setHostname(spec.hostname);
    return { ...vm, control, link };
  } catch (cause) {
    throw await describeConsole(vm.qmp, cause);
  }
}

/** Connects to the guest's broker and resolves when its agent takes programs. */
export async function connectAgent(context: Context, folder: string, last: number): Promise<GuestSession> {
  const socket = await connectSocket(folder, vmSockets.agent);
  return connectGuest(socket, { last, timeoutMs: readyMs, onDiagnostic: context.log });
}

async function restore(
  context: Context,
  input: MakeInput & {
    template: Template;
    size: VmSize;
    disk: string;
    shares: readonly HostShare[];
    network: string | undefined;
  },
): Promise<Pick<ReadyVm, 'record' | 'qmp'>> {
  const { spec, folder, template } = input;
  const cgroup = await cgroupOf(context, spec.id);
  const cgroupFolders = await makeVmCgroup(cgroup, input.size.memory, spec.resources);
  const { pid, qmp } = await phase(context, 'launch', async () =>
    launchVm(context, {
      folder,
      shape: template.shape,
      files: { ...template.files, disk: input.disk },
      state: template.state,
      shares: input.shares,
      network: input.network,
      cgroupFolders,
    }),
  );
  const record: VmRecord = { ...recordOf(spec, input.size), template: template.id, qemu: await identifyProcess(pid) };
  await writeVmRecord(folder, record);
  await phase(context, 'restore', async () => whileAlive(qmp, input.fate, restoreVm(qmp)));
  return { record, qmp };
}

async function phase<Result>(context: Context, name: StartPhase, act: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const result = await act();
  context.options.onPhase?.(name, performance.now() - begun);
  return result;
}

function describeDelay(bases: readonly string[], step: string): string {
  const base = describeBases({ bases: bases.map((folder) => basename(folder)) });
  return `Making the template of ${base}, once: ${step}`;
}

function recordOf(spec: SandboxSpec, size: VmSize): VmRecord {
  return { version: 1, id: spec.id, layer: spec.layer, memory: size.memory };
}

async function layerShares(spec: SandboxSpec, plan: LayerPlan): Promise<readonly HostShare[]> {
  const merge = join(spec.layer.folder, 'merge');
  await rm(merge, { recursive: true, force: true });
  await mkdir(merge);
  return [
    { place: `${inside.layer}/upper`, source: join(spec.layer.folder, 'upper'), readOnly: false },
    { place: `${inside.layer}/merge`, source: merge, readOnly: false },
    ...plan.images.map((source, index) => ({
      place: `${inside.layer}/lower/${String(index)}`,
      source,
      readOnly: true,
    })),
    ...spec.mounts.map(({ source, readOnly }, index) => ({
      place: `${inside.shares}/${String(index)}`,
      source,
      readOnly,
    })),
  ];
}

type DescribedMount = SandboxMount & { readonly isFile: boolean };

async function describeMounts(mounts: readonly SandboxMount[]): Promise<readonly DescribedMount[]> {
  return Promise.all(
    mounts.map(async (mount) => {
      const found = await stat(mount.source).catch((cause: unknown) => {
        throw cannotMount(mount, `the source "${mount.source}" cannot be read: ${describeError(cause)}`);
      });
      const isDrive = /^[a-z]:[\\/]?$/iu.test(mount.target);
      if (/^c:[\\/]?$/iu.test(mount.target)) throw cannotMount(mount, 'the destination path cannot be C:\\');
      if (isDrive && !found.isDirectory()) throw cannotMount(mount, 'a drive needs a folder as its source');
      return {
        ...mount,
        target: isDrive ? `${mount.target.slice(0, 2)}\\` : mount.target,
        isFile: !found.isDirectory(),
      };
    }),
  );
}

function cannotMount(mount: SandboxMount, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot mount on "${mount.target}": ${reason}`);
}

function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new WindowboxError('cancelled', 'Cannot create the sandbox: cancelled');
}
