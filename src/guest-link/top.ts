import { breach, type Frame } from './frame.js';
import type { SendFrame } from './program.js';
import { toGuest } from './protocol.js';
import type { GuestProcessInfo } from './types.js';

const MAX_TEXT = 1 << 20;

export interface Top {
  ask(): Promise<readonly GuestProcessInfo[]>;
  /** Takes a TOP_REPLY. @throws WindowboxError `data-loss` when none was asked for, or it makes no sense. */
  take(frame: Frame): void;
  abandon(reason: Error): void;
}

/** Questions for the list of processes; the guest answers them in order. */
export function makeTop(send: SendFrame): Top {
  const waiting: { resolve: (list: readonly GuestProcessInfo[]) => void; reject: (error: Error) => void }[] = [];
  let text = '';
  return {
    ask: async () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        send(toGuest.TOP);
      }),
    take(frame) {
      if (waiting.length === 0) throw breach('list of processes that nobody asked for');
      text += frame.payload.toString('utf8');
      if (text.length > MAX_TEXT) throw breach('list of processes too long');
      if (frame.stream === 1) return;
      const list = parseTop(text);
      text = '';
      waiting.shift()?.resolve(list);
    },
    abandon(reason) {
      for (const { reject } of waiting.splice(0)) reject(reason);
    },
  };
}

function parseTop(text: string): readonly GuestProcessInfo[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', ...fields] = line.split('\t');
      const [pid = NaN, parentPid = NaN, ticks = NaN, privateMemory = NaN] = fields.map(Number);
      if (![pid, parentPid, ticks, privateMemory].every((value) => Number.isSafeInteger(value)))
        throw breach('list of processes that is none');
      return { name, pid, parentPid, cpu: ticks * 100, privateMemory };
    });
}
