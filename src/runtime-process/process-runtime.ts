import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError, describeError, isErrno, isErrorCode } from '../errors/index.js';
import type { Runtime, Sandbox, SandboxNetwork, SandboxSpec } from '../runtime/index.js';
import { connectSandbox } from './connect-sandbox.js';
import { type Context, cgroupOf, makeContext } from './context.js';
import { applyLimits, freeze, isRunning } from '../runtime-linux/index.js';
import { openContainerFiles } from './open-container-files.js';
import { makeReadySandbox, type ReadySandbox } from './make-sandbox.js';
import { handOut, setHostname } from './hand-out.js';
import { discardPrepared, isPreparedName, makePool, type Pool, purgePrepared } from './pool.js';
import { releaseSandbox } from './release-sandbox.js';
import type { ProcessRuntimeOptions } from './runtime-options.js';
import { type OpenSandbox, openSandbox } from './sandbox.js';
import { readRecord } from './sandbox-folder.js';

/** Process isolation: a container is processes of the host, in namespaces, under Wine. See docs/decisions for the security set. */
export function createProcessRuntime(options: ProcessRuntimeOptions): Runtime {
  const context = makeContext(options);
  const state: State = { context, open: new Map(), pool: makePool(context) };
  return {
    isolation: 'process',
    features: {
      seesHostResources: true,
      pause: true,
      updateResources: true,
      copyWhileRunning: true,
      networks: Infinity,
    },
    create: async (spec, options) => create(state, spec, options?.signal),
    recover: async (id, last) => recover(state, id, last),
    purge: async (id) => purge(state, id),
    list: async () => list(state),
    openFiles: async (id, layer) => openContainerFiles(context, id, layer),
    expect: ({ lower }) => {
      state.pool.expect(lower);
    },
    close: async () => {
      for (const { letGo } of state.open.values()) letGo();
      state.open.clear();
      await state.pool.close();
    },
  };
}

interface State {
  readonly context: Context;
  /** By id. */
  readonly open: Map<string, OpenSandbox>;
  readonly pool: Pool;
}

async function create(state: State, spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
  checkId(spec.id);
  const { context } = state;
  const ready = await makeReady(state, spec, signal);
  try {
    await applyLimits(await cgroupOf(context, ready.record.instance), spec.resources);
  } catch (error) {
    ready.link.close();
    await releaseSandbox(context, spec.id, ready.record);
    throw error;
  }
  if (spec.pristine && spec.mounts.length === 0) state.pool.expect(spec.layer.lower);
  return open(state, ready);
}

/** One that was prepared, or one from nothing. */
async function makeReady(state: State, spec: SandboxSpec, signal: AbortSignal | undefined): Promise<ReadySandbox> {
  const { context, pool } = state;
  const prepared = await pool.take(spec);
  if (prepared === undefined) return makeReadySandbox(context, { ...spec, network: await connect(spec), signal });
  // Beside the network, since each is a process or two.
  const named = setHostname(prepared, spec.hostname);
  named.catch(() => undefined);
  let network: SandboxNetwork;
  try {
    network = await connect(spec, prepared.namespace);
  } catch (error) {
    await discardPrepared(context, prepared);
    throw error;
  }
  const handed = await handOut(context, prepared, { spec, network, named });
  return handed ?? makeReadySandbox(context, { ...spec, network, signal });
}

async function connect({ network }: SandboxSpec, namespace?: string): Promise<SandboxNetwork> {
  return typeof network === 'function' ? network(namespace) : network;
}

async function open(state: State, { record, link }: ReadySandbox): Promise<Sandbox> {
  const opened = await openSandbox(state.context, record, link, () => state.open.delete(record.id));
  state.open.set(record.id, opened);
  return opened.sandbox;
}

async function recover(state: State, id: string, last: number): Promise<Sandbox | undefined> {
  checkId(id);
  const record = await readRecord(join(state.context.sandboxes, id));
  if (record === undefined || !(await isRunning(record))) return undefined;
  try {
    const cgroup = await cgroupOf(state.context, record.instance);
    // Where nothing can be frozen, nothing is.
    await freeze(cgroup, false).catch((error: unknown) => {
      if (!isErrorCode(error, 'unsupported')) throw error;
    });
    return await open(state, { record, link: await connectSandbox(state.context, id, last) });
  } catch (error) {
    state.context.log(`cannot recover sandbox ${id}: ${describeError(error)}`);
    return undefined;
  }
}

async function purge(state: State, id: string): Promise<void> {
  checkId(id);
  state.open.get(id)?.letGo();
  state.open.delete(id);
  await releaseSandbox(state.context, id);
}

async function list(state: State): Promise<readonly string[]> {
  await purgePrepared(state.context, state.pool);
  const names = await readdir(state.context.sandboxes).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  return names.filter((name) => !isPreparedName(name));
}

/** An id becomes the name of a folder, a cgroup and a container of the OCI runtime. */
function checkId(id: string): void {
  if (/^[a-z0-9][a-z0-9_.-]{0,127}$/iu.test(id) && !isPreparedName(id)) return;
  throw new WindowboxError('invalid-argument', `Cannot use sandbox id "${id}": letters, digits, "_", "." and "-" only`);
}
