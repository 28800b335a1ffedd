import { Worker } from 'node:worker_threads';
import { WindowboxError } from '../errors/index.js';

/** Bytes of one slot of the memory that a thread hands out what it unpacked in. */
const slotSize = 1 << 19;
const slotCount = 8;
/** Chunks that may be sent before one is taken. */
const maxWaiting = 4;

export interface StreamThreadData {
  /** Absent: the thread only hashes. */
  readonly slots: SharedArrayBuffer | undefined;
  readonly slotSize: number;
}

/** A chunk, a slot that is free again, or the end. */
export type ToStreamThread = Uint8Array | number | 'end';

export type FromStreamThread =
  | 'taken'
  | { readonly slot: number; readonly length: number }
  | { readonly digest: string }
  | { readonly failure: string };

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
  const memory = work === 'unpack' ? new SharedArrayBuffer(slotSize * slotCount) : undefined;
  const data: StreamThreadData = { slots: memory, slotSize };
  const worker = new Worker(new URL('./stream-worker.js', import.meta.url), { workerData: data });
  const answers = listen(worker);
  const post = (message: ToStreamThread, transfer: readonly ArrayBuffer[] = []): void => {
    worker.postMessage(message, transfer);
  };
  return {
    send: async (chunk) => {
      while (answers.waiting >= maxWaiting) await answers.more();
      answers.waiting += 1;
      const own = new Uint8Array(chunk);
      post(own, [own.buffer]);
    },
    end: () => {
      post('end');
    },
    unpacked: async function* unpacked() {
      if (!memory) return;
      for (;;) {
        const next = answers.ready.shift();
        if (next) {
          yield new Uint8Array(memory, next.slot * slotSize, next.length);
          post(next.slot);
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

interface Answers {
  /** Chunks that were sent and not taken yet. */
  waiting: number;
  readonly ready: { readonly slot: number; readonly length: number }[];
  digest: string | undefined;
  /** Resolves when the thread answered again. @throws WindowboxError when it never will. */
  more(): Promise<void>;
}

function listen(worker: Worker): Answers {
  const waiters: (() => void)[] = [];
  let failure: WindowboxError | undefined;
  const answers: Answers = {
    waiting: 0,
    ready: [],
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
    if (message === 'taken') answers.waiting -= 1;
    else if ('slot' in message) answers.ready.push(message);
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
