import { Worker } from 'node:worker_threads';
import { WindowboxError } from '../errors/index.js';
import type { LayerPacking } from './unpack-layer-bytes.js';

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

export interface FileThreadData {
  readonly file: number;
  readonly packing: LayerPacking;
  /** Absent: the thread only hashes. */
  readonly output: SlotMemory | undefined;
}

export type ToFileThread = 'end' | { readonly grown: number } | { readonly free: number };

export type FromFileThread = { readonly unpacked: Slot } | { readonly digest: string } | { readonly failure: string };

/**
 * A thread that reads a file while another writes it, and takes the SHA-256 of what it unpacks to, while its owner works on what came before.
 * Whoever makes one closes it.
 */
export interface FileThread {
  /** So many bytes of the file are there. */
  grow(length: number): void;
  /** No more come. */
  end(): void;
  /** What the file unpacks to, to its end. A chunk is there until the next one is asked for, no longer. */
  unpacked(): AsyncIterable<Uint8Array>;
  /** Hexadecimal, of the whole. @throws WindowboxError `data-loss` for what cannot be unpacked. */
  digest(): Promise<string>;
  /** Resolves when the thread reads the file no more. */
  close(): Promise<void>;
}

/** `file` is a descriptor, read from its first byte whatever its position is. */
export function startFileThread(file: number, work: { readonly unpack?: LayerPacking } = {}): FileThread {
  const output = work.unpack === undefined ? undefined : newSlots(8);
  const data: FileThreadData = { file, packing: work.unpack ?? 'none', output };
  const worker = new Worker(new URL('./file-worker.js', import.meta.url), { workerData: data });
  const answers = listen(worker);
  const post = (message: ToFileThread): void => {
    worker.postMessage(message, []);
  };
  return {
    grow: (length) => {
      post({ grown: length });
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
    close: async () => {
      await worker.terminate();
    },
  };
}

function newSlots(count: number): SlotMemory {
  const offsets = Array.from({ length: count }, (_, index) => index * slotSize);
  return { memory: new SharedArrayBuffer(count * slotSize), slotSize, offsets };
}

interface Answers {
  readonly unpacked: Slot[];
  digest: string | undefined;
  /** Resolves when the thread answered again. @throws WindowboxError when it never will. */
  more(): Promise<void>;
}

function listen(worker: Worker): Answers {
  const waiters: (() => void)[] = [];
  let failure: WindowboxError | undefined;
  const answers: Answers = {
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
  worker.on('message', (message: FromFileThread) => {
    if ('unpacked' in message) answers.unpacked.push(message.unpacked);
    else if ('digest' in message) answers.digest = message.digest;
    else fail(new WindowboxError('data-loss', message.failure));
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
