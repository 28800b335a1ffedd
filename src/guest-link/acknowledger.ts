import type { SendFrame } from './program.js';
import { toGuest } from './protocol.js';

export interface Acknowledger {
  done(process: number, number: number): void;
  flush(): void;
}

/** Tells the guest what is done: once per turn of the event loop and program, however many frames that turn brought. */
export function makeAcknowledger(send: SendFrame): Acknowledger {
  const pending = new Map<number, number>();
  let scheduled = false;
  const flush = (): void => {
    scheduled = false;
    for (const [process, number] of pending) {
      const payload = Buffer.alloc(8);
      payload.writeBigUInt64LE(BigInt(number));
      send(toGuest.ACK, { process, payload });
    }
    pending.clear();
  };
  return {
    done(process, number) {
      pending.set(process, number);
      if (scheduled) return;
      scheduled = true;
      setImmediate(flush);
    },
    flush,
  };
}
