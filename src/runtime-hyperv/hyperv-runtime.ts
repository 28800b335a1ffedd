import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, isErrno, WindowboxError } from '../errors/index.js';
import { isRunning } from '../runtime-linux/index.js';
import type { Runtime, Sandbox, SandboxSpec } from '../runtime/index.js';
import { timeArgument } from './begin-request.js';
import { connectSocket } from './connect-socket.js';
import { type Context, folderOf, makeContext } from './context.js';
import { openControlLink } from './control-link.js';
import type { HypervRuntimeOptions } from './hyperv-runtime-options.js';
import { openVmFiles } from './open-vm-files.js';
import { vmSockets } from './qemu-arguments.js';
import { cardCount } from './network-cards.js';
import { openQmp } from './qmp-client.js';
import { releaseVm } from './release-vm.js';
import { type OpenSandbox, openSandbox } from './sandbox.js';
import { connectAgent, type ReadyVm, startVm } from './start-vm.js';
import { type HypervTemplates, hypervTemplates, prepareTemplate } from './hyperv-templates.js';
import { readVmRecord } from './vm-record.js';

/** The contract's runtime, and the templates that it starts from. */
export interface HypervRuntime extends Runtime {
  readonly templates: HypervTemplates;
}

/** Hyper-V isolation: a container is a QEMU utility VM of its own, started from a template. See docs/guides/hyperv.md. */
export function createHypervRuntime(options: HypervRuntimeOptions): HypervRuntime {
  const context = makeContext(options);
  const state: State = { context, open: new Map() };
  return {
    isolation: 'hyperv',
    features: {
      seesHostResources: false,
      pause: true,
      updateResources: true,
      copyWhileRunning: true,
      networks: cardCount,
    },
    create: async (spec, how) => open(state, await startVm(context, checkId(spec), how)),
    recover: async (id, last) => recover(state, id, last),
    purge: async (id) => purge(state, id),
    list: async () => list(context),
    openFiles: async (id, layer) => openVmFiles(context, id, layer),
    expect: ({ lower }) => {
      expectBase(context, lower);
    },
    templates: hypervTemplates(context),
    close: async () => {
      context.closing.abort();
      for (const { letGo } of state.open.values()) letGo();
      state.open.clear();
    },
  };
}

/** What a ping says while Wine runs; else the exit code of the guest's broker. */
const wineRuns = '-1';
const answerMs = 60_000;

interface State {
  readonly context: Context;
  /** By id. */
  readonly open: Map<string, OpenSandbox>;
}

function open(state: State, vm: ReadyVm): Sandbox {
  const opened = openSandbox(state.context, vm, () => state.open.delete(vm.record.id));
  state.open.set(vm.record.id, opened);
  return opened.sandbox;
}

async function recover(state: State, id: string, last: number): Promise<Sandbox | undefined> {
  const { context } = state;
  const folder = folderOf(context, id);
  const record = await readVmRecord(folder);
  if (record?.qemu === undefined || !(await isRunning(record.qemu))) return undefined;
  try {
    const qmp = await openQmp(await connectSocket(folder, vmSockets.qmp));
    await qmp.execute('cont');
    const control = openControlLink(await connectSocket(folder, vmSockets.control));
    // The daemon died while it stopped this VM: Wine has ended, and its files are on its disk.
    if ((await control.ask(['ping', timeArgument()], answerMs)) !== wineRuns)
      throw new WindowboxError('unavailable', 'Cannot go on with the VM: Wine has ended in it');
    return open(state, { record, qmp, control, link: await connectAgent(context, folder, last) });
  } catch (error) {
    context.log(`cannot recover VM ${id}: ${describeError(error)}`);
    return undefined;
  }
}

async function purge(state: State, id: string): Promise<void> {
  state.open.get(id)?.letGo();
  state.open.delete(id);
  await releaseVm(state.context, id);
}

async function list(context: Context): Promise<readonly string[]> {
  const names = await readdir(context.machines).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  const records = await Promise.all(names.map(async (name) => readVmRecord(join(context.machines, name))));
  return records.flatMap((record) => (record === undefined || context.booting.has(record.id) ? [] : [record.id]));
}

/** The wait for a base's template is long; whoever knows what comes next can have it made before. */
function expectBase(context: Context, lower: readonly string[]): void {
  prepareTemplate(context, lower).catch((error: unknown) => {
    context.log(`cannot make a template: ${describeError(error)}`);
  });
}

/** An id becomes the name of a cgroup. */
function checkId(spec: SandboxSpec): SandboxSpec {
  if (/^[a-z0-9][a-z0-9_.-]{0,127}$/iu.test(spec.id)) return spec;
  throw new WindowboxError(
    'invalid-argument',
    `Cannot use sandbox id "${spec.id}": letters, digits, "_", "." and "-" only`,
  );
}
