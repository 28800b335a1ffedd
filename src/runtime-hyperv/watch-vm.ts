import { isErrorCode } from '../errors/index.js';
import type { SandboxEnd } from '../runtime/index.js';
import { timeArgument } from './begin-request.js';
import { readConsole, saysOutOfMemory } from './read-console.js';
import type { ReadyVm } from './start-vm.js';

/** Between two questions whether it still answers. */
const pauseMs = 10_000;

export interface WatchInput {
  readonly vm: ReadyVm;
  readonly patienceMs: number;
  readonly isPaused: () => boolean;
  readonly onDeath: (end: SandboxEnd) => void;
}

/** Tells when a VM has died: QEMU gone, the guest gone down by itself, or no answer from it. */
export function watchVm({ vm, patienceMs, isPaused, onDeath }: WatchInput): { readonly stop: () => void } {
  let stopped = false;
  const die = (reason: string, outOfMemory = false): void => {
    if (stopped) return;
    stopped = true;
    clearTimeout(timer);
    onDeath({ how: 'died', reason, outOfMemory });
  };
  vm.qmp.onEvent((name) => {
    if (name !== 'SHUTDOWN' && name !== 'GUEST_PANICKED') return;
    void (async (): Promise<void> => {
      const lines = await readConsole(vm.qmp);
      die(reasonOf(lines), saysOutOfMemory(lines));
    })();
  });
  void vm.qmp.closed.then(() => {
    die('its VM was killed');
  });
  const check = async (): Promise<void> => {
    try {
      if (!isPaused()) await vm.control.ask(['ping', timeArgument()], patienceMs);
    } catch (error) {
      if (!isPaused() && isErrorCode(error, 'timeout'))
        die(`its VM hangs: no answer in ${String(patienceMs / 1000)} s`);
    }
    if (!stopped) timer = setTimeout(() => void check(), Math.min(pauseMs, patienceMs)).unref();
  };
  let timer = setTimeout(() => void check(), Math.min(pauseMs, patienceMs)).unref();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function reasonOf(lines: readonly string[]): string {
  const panic = lines.find((line) => line.includes('Kernel panic'));
  if (panic !== undefined) return `its VM's kernel failed: ${panic.replace(/^\[[^\]]*\]\s*/u, '')}`;
  const own = lines.findLast((line) => line.startsWith('windowbox: '));
  return own === undefined ? 'its VM went down' : `its VM went down: ${own.slice('windowbox: '.length)}`;
}
