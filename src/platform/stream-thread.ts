import { Worker } from 'node:worker_threads';
import { WindowboxError } from '../errors/index.js';

/** Memory of both threads, cut into slots, so that nothing is left to be collected; a slot is one thread's until that one says that it is free. */
export interface SlotMemory {
  readonly memory: SharedArrayBuffer;
  /** Bytes. */
  readonly slotSize: number;
  /** Where each slot begins. */
  readonly offsets: readonly number[];
}

/** What lies in a slot: its offset is its name. */
export interface Slot {
  readonly at: number;
  readonly length: number;
}

export interface StreamThreadData {
  readonly input: SlotMemory;
  /** Absent: the thread only hashes. */
  readonly output: SlotMemory | undefined;
}

export type ToStreamThread = 'end' | { readonly sent: Slot } | { readonly free: number };

export type FromStreamThread =
  { readonly taken: number } | { readonly unpacked: Slot } | { readonly digest: string } | { readonly failure: string };

/**
 * A thread that takes a stream's SHA-256 and, where it is asked to, unpacks gzip, while its owner works on what came before. Whoever makes one
 * closes it.
 */
export interface StreamThread {
  /** Resolves when more may come. */
  send(chunk: Uint8Array): Promise<void>;
  end(): void;
  /** What was unpacked, to its end. A chunk is there until the next one is asked for, no longer. */
  unpacked(): AsyncIterable<Uint8Array>;
  /** Hexadecimal, of the whole: of what was sent, or what it unpacked to. @throws WindowboxError `data-loss` for what is no gzip. */
  digest(): Promise<string>;
  close(): void;
}

export function startStreamThread(work: 'hash' | 'unpack'): StreamThread {
  const input = newSlots(4);
  const output = work === 'unpack' ? newSlots(8) : undefined;
  const data: StreamThreadData = { input, output };
  const worker = new Worker(new URL('./stream-worker.js', import.meta.url), { workerData: data });
  const answers = listen(worker, [...input.offsets]);
  const post = (message: ToStreamThread): void => {
    worker.postMessage(message, []);
  };
  const nextFree = async (): Promise<number> => {
    for (;;) {
      const at = answers.free.pop();
      if (at !== undefined) return at;
      await answers.more();
    }
  };
  return {
    send: async (chunk) => {
      for (let done = 0; done < chunk.length; done += slotSize) {
        const part = chunk.subarray(done, done + slotSize);
        const at = await nextFree();
        new Uint8Array(input.memory, at).set(part);
        post({ sent: { at, length: part.length } });
      }
    },
    end: () => {
      post('end');
    },
    unpacked: async function* unpacked() {
      if (!output) return;
      for (;;) {
        const next = answers.unpacked.shift();
        if (next) {
          yield new Uint8Array(output.memory, next.at, next.length);
          post({ free: next.at });
        } else if (answers.digest !== undefined) return;
        else await answers.more();
      }
    },
    digest: async () => {
      while (answers.digest === undefined) await answers.more();
      return answers.digest;
    },
    close: () => {
      void worker.terminate();
    },
  };
}

function newSlots(count: number): SlotMemory {
  const offsets = Array.from({ length: count }, (_, index) => index * slotSize);
  return { memory: new SharedArrayBuffer(count * slotSize), slotSize, offsets };
}

interface Answers {
  /** Slots for what is to be sent. */
  readonly free: number[];
  readonly unpacked: Slot[];
  digest: string | undefined;
  /** Resolves when the thread answered again. @throws WindowboxError when it never will. */
  more(): Promise<void>;
}

function listen(worker: Worker, free: number[]): Answers {
  const waiters: (() => void)[] = [];
  let failure: WindowboxError | undefined;
  const answers: Answers = {
    free,
    unpacked: [],
    digest: undefined,
    more: async () => {
      if (failure) throw failure;
      await new Promise<void>((resolve) => {
        waiters.push(resolve);
      });
    },
  };
  const wake = (): void => {
    for (const resolve of waiters.splice(0)) resolve();
  };
  const fail = (error: WindowboxError): void => {
    failure ??= error;
    wake();
  };
  worker.on('message', (message: FromStreamThread) => {
    if ('taken' in message) answers.free.push(message.taken);
    else if ('unpacked' in message) answers.unpacked.push(message.unpacked);
    else if ('digest' in message) answers.digest = message.digest;
    else fail(new WindowboxError('data-loss', `Cannot unpack layer: ${message.failure}`));
    wake();
  });
  worker.on('error', (error) => {
    fail(ended(error.message));
  });
  worker.on('exit', (code) => {
    fail(ended(`exit code ${String(code)}`));
  });
  return answers;
}

function ended(reason: string): WindowboxError {
  return new WindowboxError('internal', `Cannot read on: the thread that hashes ended: ${reason}`);
}

const slotSize = 1 << 19;
