import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, WindowboxError } from '../errors/index.js';
import { isRunning, killProcess, waitForEnd } from '../runtime-linux/index.js';
import type { Sandbox, SandboxEnd } from '../runtime/index.js';
import { timeArgument } from './begin-request.js';
import { inTime } from './start-in-time.js';
import { cgroupOf, type Context } from './context.js';
import { followNetworks } from './follow-network.js';
import { applyHiddenFiles } from './hidden-files.js';
import { readConsole, saysOutOfMemory } from './read-console.js';
import { releaseVm } from './release-vm.js';
import type { ReadyVm } from './start-vm.js';
import { updateVm } from './update-vm.js';
import { readVmStats } from './vm-stats.js';
import { watchVm } from './watch-vm.js';
import { diskOf } from './writable-disk.js';

/** How long Wine gets to end in order. Emulated programs are slow. */
const shutdownMs = 30_000;
/** A container may have written gigabytes. */
const mergeMs = 1_800_000;
const pingMs = 60_000;
/** Emulated, on a busy machine, a program may take half a minute to start. */
const startMs = 180_000;

export interface OpenSandbox {
  readonly sandbox: Sandbox;
  /** Leaves it running and lets go of it: for the end of the daemon. */
  readonly letGo: () => void;
}

/** The contract's sandbox over a VM that runs and answers. `onEnd` is called once, before `ended` resolves. */
export function openSandbox(context: Context, vm: ReadyVm, onEnd: () => void): OpenSandbox {
  const { record, link, qmp } = vm;
  const life = makeLife(context, vm, onEnd);
  const networks = followNetworks(vm.control, life.isPaused);
  const sandbox: Sandbox = {
    id: record.id,
    layer: record.layer,
    pid: record.qemu?.pid ?? 0,
    ended: life.ended,
    start: async (spec, listener) => inTime(link.start(spec, listener), startMs),
    adopt: (number, listener) => link.adopt(number, listener),
    top: async () => link.top(),
    pause: async () => {
      life.checkRunning();
      await qmp.execute('stop');
      life.setPaused(true);
    },
    resume: async () => {
      life.checkRunning();
      await qmp.execute('cont');
      life.setPaused(false);
      await vm.control.ask(['ping', timeArgument()], pingMs);
      // A VM that runs again does so whatever else fails.
      await networks.resumed().catch((error: unknown) => {
        context.log(`cannot renew the networks of VM ${record.id}: ${describeError(error)}`);
      });
    },
    update: async (resources) => updateVm(context, record, resources),
    followNetwork: async (change) => networks.follow(change),
    stats: async () => readVmStats(await cgroupOf(context, record.id), life.isPaused() ? undefined : vm.control),
    ranOutOfMemory: async () => saysOutOfMemory(await readConsole(qmp)),
    stop: async ({ keepLayer }) => {
      await life.stop(async () => (keepLayer ? shutDown(context, vm) : discard(vm)));
    },
  };
  return { sandbox, letGo: life.letGo };
}

interface Life {
  readonly ended: Promise<SandboxEnd>;
  readonly isPaused: () => boolean;
  readonly setPaused: (paused: boolean) => void;
  /** @throws WindowboxError `unavailable`. */
  readonly checkRunning: () => void;
  /** Ends the VM by `act` and removes what is left of it; joins an end that is under way. */
  readonly stop: (act: () => Promise<void>) => Promise<void>;
  readonly letGo: () => void;
}

function makeLife(context: Context, vm: ReadyVm, onEnd: () => void): Life {
  let state: 'running' | 'paused' | 'ending' | 'left' = 'running';
  let resolveEnd: (end: SandboxEnd) => void = () => undefined;
  const ended = new Promise<SandboxEnd>((resolve) => (resolveEnd = resolve));
  const isOver = (): boolean => state === 'ending' || state === 'left';
  const hangUp = (): void => {
    watch.stop();
    vm.link.close();
    vm.control.close();
    vm.qmp.close();
  };
  const finish = async (end: SandboxEnd): Promise<void> => {
    hangUp();
    await releaseVm(context, vm.record.id).catch((error: unknown) => {
      context.log(`cannot remove VM ${vm.record.id}: ${describeError(error)}`);
    });
    onEnd();
    resolveEnd(end);
  };
  const watch = watchVm({
    vm,
    patienceMs: context.patienceMs,
    isPaused: () => state === 'paused',
    onDeath: (end) => {
      if (isOver()) return;
      state = 'ending';
      void finish(end);
    },
  });
  return {
    ended,
    isPaused: () => state === 'paused',
    setPaused: (paused) => (state = paused ? 'paused' : 'running'),
    checkRunning: () => {
      if (isOver()) throw new WindowboxError('unavailable', 'Cannot reach the sandbox: it has ended');
    },
    stop: async (act) => {
      if (isOver()) {
        await ended;
        return;
      }
      if (state === 'paused') await vm.qmp.execute('cont').catch(() => undefined);
      state = 'ending';
      await act();
      await finish({ how: 'stopped' });
    },
    letGo: () => {
      state = 'left';
      hangUp();
    },
  };
}

async function discard(vm: ReadyVm): Promise<void> {
  await endVm(vm);
  await rm(diskOf(vm.record.layer), { force: true });
}

/** Wine ends and writes its registry, the guest brings what was written to the host, the VM ends, its disk is not needed any more. */
async function shutDown(context: Context, vm: ReadyVm): Promise<void> {
  const { record, control, link } = vm;
  void link.shutdown(shutdownMs);
  try {
    await control.ask(['wait-wine'], shutdownMs).catch(async () => control.ask(['stop-wine'], shutdownMs));
    await control.ask(['merge'], mergeMs);
  } catch (error) {
    // Its disk stays, and the next start of the container, or the next look at its files, goes on from it.
    context.log(`the files of VM ${record.id} stay on its disk for now: ${describeError(error)}`);
    await endVm(vm);
    return;
  }
  await endVm(vm);
  await finishMerge(vm);
}

/** Only when the VM has ended: what it could still change would be checked too early. */
async function finishMerge({ record: { layer } }: ReadyVm): Promise<void> {
  await applyHiddenFiles(layer.folder, join(layer.folder, 'merge', 'hidden'));
  await rm(join(layer.folder, 'merge'), { recursive: true, force: true });
  await rm(diskOf(layer), { force: true });
}

async function endVm({ record, qmp }: ReadyVm): Promise<void> {
  const { qemu } = record;
  if (qemu === undefined) return;
  await killProcess(qemu);
  qmp.close();
  if ((await waitForEnd(qemu, 10_000)) || !(await isRunning(qemu))) return;
  throw new WindowboxError('timeout', `Cannot stop sandbox "${record.id}": process ${String(qemu.pid)} does not end`);
}
