import { breach, type Frame } from './frame.js';
import { protocol, stream, toHost } from './protocol.js';
import type { GuestListener } from './types.js';

/** How a program's frames reach its listener, and how much of its windows is in use. */
export interface Delivery {
  /** From now on frames go to `listener`; those that waited go first. */
  attach(listener: GuestListener): void;
  readonly isAttached: boolean;
  /** Takes an OUTPUT or EXITED frame. @throws WindowboxError `data-loss` when the guest sent more than it had room for. */
  take(frame: Frame): void;
}

/** `onDone` is told the number of the last frame of this program up to which all is done, and whether that was its last. */
export function makeDelivery(onDone: (number: number, isLast: boolean) => void): Delivery {
  const waiting: Frame[] = [];
  const inUse = [0, 0, 0];
  let listener: GuestListener | undefined;
  const undone: { number: number; done: boolean }[] = [];
  let exit: { readonly code: number; readonly number: number } | undefined;

  const settle = (): void => {
    let last = 0;
    while (undone[0]?.done === true) last = undone.shift()?.number ?? last;
    if (undone.length === 0 && exit && listener) {
      const { code, number } = exit;
      exit = undefined;
      listener.onExit(code, number);
      onDone(number, true);
    } else if (last > 0) onDone(last, false);
  };

  const deliver = (frame: Frame, to: GuestListener): void => {
    if (frame.type === toHost.EXITED) {
      exit = { code: frame.payload.readUInt32LE(0), number: frame.number };
      settle();
      return;
    }
    const entry = { number: frame.number, done: false };
    undone.push(entry);
    const done = (): void => {
      entry.done = true;
      inUse[frame.stream] = (inUse[frame.stream] ?? 0) - frame.payload.length;
      settle();
    };
    const name = frame.stream === stream.STDOUT ? 'stdout' : 'stderr';
    const promise = to.onOutput({ stream: name, data: frame.payload, sequence: frame.number });
    if (promise) void promise.catch(() => undefined).finally(done);
    else done();
  };

  return {
    attach(to) {
      listener = to;
      for (const frame of waiting.splice(0)) deliver(frame, to);
    },
    get isAttached() {
      return listener !== undefined;
    },
    take(frame) {
      if (frame.type === toHost.EXITED && frame.payload.length < 4) throw breach('frame too short');
      if (frame.type === toHost.OUTPUT) {
        const used = (inUse[frame.stream] ?? 0) + frame.payload.length;
        if (used > protocol.WINDOW) throw breach('more output than there was room for');
        inUse[frame.stream] = used;
      }
      if (listener) deliver(frame, listener);
      else waiting.push(frame);
    },
  };
}
