import { join } from 'node:path';
import { WindowboxError, describeError } from '../errors/index.js';
import type { GuestSession } from '../guest-link/index.js';
import type { Sandbox, SandboxEnd } from '../runtime/index.js';
import { type Context, cgroupOf } from './context.js';
import {
  applyLimits,
  type Cgroup,
  countMemoryKills,
  freeze,
  killProcess,
  readStats,
  waitForEnd,
} from '../runtime-linux/index.js';
import { releaseSandbox } from './release-sandbox.js';
import { type SandboxRecord, writeNetworkFiles } from './sandbox-folder.js';

/** How long Windows programs and the registry get to end in order, and how long the kernel gets to take a namespace apart. */
const shutdownMs = 10_000;
const afterShutdownMs = 2000;
const killMs = 10_000;

export interface OpenSandbox {
  readonly sandbox: Sandbox;
  /** Leaves it running and lets go of it: for the end of the daemon. */
  readonly letGo: () => void;
}

/** The contract's sandbox over an init that runs and answers. `onEnd` is called once, before `ended` resolves. */
export async function openSandbox(
  context: Context,
  record: SandboxRecord,
  link: GuestSession,
  onEnd: () => void,
): Promise<OpenSandbox> {
  const cgroup = await cgroupOf(context, record.instance);
  const end = watchEnd({ context, record, link, cgroup, onEnd });
  const sandbox: Sandbox = {
    id: record.id,
    layer: record.layer,
    pid: record.pid,
    ended: end.ended,
    start: async (spec, listener) => link.start(spec, listener),
    adopt: (number, listener) => link.adopt(number, listener),
    top: async () => link.top(),
    pause: async () => freeze(cgroup, true),
    resume: async () => freeze(cgroup, false),
    update: async (resources) => applyLimits(cgroup, resources),
    // Its programs are in the namespace: only the names are for us to tell.
    followNetwork: async ({ hostname, network }) =>
      writeNetworkFiles(join(context.sandboxes, record.id), hostname, network),
    stats: async () => readStats(cgroup),
    ranOutOfMemory: async () => (await countMemoryKills(cgroup)) > 0,
    stop: async ({ keepLayer }) => {
      await end.stop(async () => (keepLayer ? shutDown(cgroup, record, link) : kill(cgroup, record)));
    },
  };
  return { sandbox, letGo: end.letGo };
}

interface Watched {
  readonly context: Context;
  readonly record: SandboxRecord;
  readonly link: GuestSession;
  readonly cgroup: Cgroup;
  onEnd(): void;
}

interface EndWatch {
  readonly ended: Promise<SandboxEnd>;
  /** Ends the sandbox by `act` and removes it; joins an end that is under way. */
  stop(act: () => Promise<void>): Promise<void>;
  readonly letGo: () => void;
}

/** There is no polling for the end: init's socket closes when init ends, however it ends. */
function watchEnd(watched: Watched): EndWatch {
  let state: 'running' | 'ending' | 'left' = 'running';
  let resolve: (end: SandboxEnd) => void = () => undefined;
  const ended = new Promise<SandboxEnd>((settle) => {
    resolve = settle;
  });
  const finish = async (end: SandboxEnd): Promise<void> => {
    watched.link.close();
    await releaseSandbox(watched.context, watched.record.id, watched.record);
    watched.onEnd();
    resolve(end);
  };
  const watchLink = async (): Promise<void> => {
    const { reason } = await watched.link.closed;
    if (state !== 'running') return;
    state = 'ending';
    const end = await findCause(watched, reason);
    await finish(end).catch((error: unknown) => {
      watched.context.log(`cannot remove sandbox ${watched.record.id}: ${describeError(error)}`);
      watched.onEnd();
      resolve(end);
    });
  };
  void watchLink();
  return {
    ended,
    letGo: () => {
      state = 'left';
      watched.link.close();
    },
    stop: async (act) => {
      if (state !== 'running') {
        await ended;
        return;
      }
      state = 'ending';
      await act();
      await finish({ how: 'stopped' });
    },
  };
}

async function findCause({ record, cgroup }: Watched, reason: string): Promise<SandboxEnd> {
  const alone = await waitForEnd(record, 1000);
  if (!alone) await kill(cgroup, record);
  const outOfMemory = (await countMemoryKills(cgroup)) > 0;
  const died = alone ? 'its init ended' : `its init did not answer: ${reason}`;
  return { how: 'died', reason: outOfMemory ? 'it ran out of memory' : died, outOfMemory };
}

async function kill(cgroup: Cgroup, record: SandboxRecord): Promise<void> {
  await killProcess(record);
  // A frozen task of cgroup version 1 takes SIGKILL only when it is thawed; for one that is not frozen this changes nothing.
  await freeze(cgroup, false).catch(() => undefined);
  if (await waitForEnd(record, killMs)) return;
  throw new WindowboxError('timeout', `Cannot stop sandbox "${record.id}": process ${String(record.pid)} does not end`);
}

async function shutDown(cgroup: Cgroup, record: SandboxRecord, link: GuestSession): Promise<void> {
  await freeze(cgroup, false).catch(() => undefined);
  await link.shutdown(shutdownMs);
  if (!(await waitForEnd(record, afterShutdownMs))) await kill(cgroup, record);
}
