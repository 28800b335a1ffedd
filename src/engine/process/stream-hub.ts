/** One piece of output, as it goes to the clients that are attached. */
export interface HubChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

/**
 * Hands a program's output to every attached client and takes their input. A client that does not read slows the program: the
 * promise of `publish` resolves when every client has less than {@link highWater} bytes before it.
 */
export interface StreamHub {
  publish(chunk: HubChunk): void | Promise<void>;
  /** The program has ended: every subscription ends after what it has got so far. */
  end(): void;
  subscribe(): HubSubscription;
  /** Where input goes; undefined between two runs, when writers wait. */
  setInput(input: HubInput | undefined): void;
  write(data: Uint8Array): Promise<void>;
  closeInput(): void;
  /** Somebody is attached. */
  readonly size: number;
}

export interface HubInput {
  write(data: Uint8Array): Promise<void>;
  close(): void;
}

export interface HubSubscription extends AsyncIterable<HubChunk> {
  close(): void;
}

const highWater = 256 * 1024;

export function createStreamHub(): StreamHub {
  const queues = new Set<ChunkQueue>();
  const input = createInputGate();
  return {
    publish: (chunk) => {
      const full = [...queues].map((queue) => queue.push(chunk)).filter((wait) => wait !== undefined);
      return full.length === 0 ? undefined : Promise.all(full).then(() => undefined);
    },
    end: () => {
      for (const queue of queues) queue.end();
      queues.clear();
    },
    subscribe: () => {
      const queue = createChunkQueue();
      queues.add(queue);
      return {
        [Symbol.asyncIterator]: () => queue.iterate(),
        close: () => {
          queues.delete(queue);
          queue.end();
        },
      };
    },
    ...input,
    get size() {
      return queues.size;
    },
  };
}

interface ChunkQueue {
  /** A promise when the queue is full; it resolves when there is room or the reader has gone. */
  push(chunk: HubChunk): Promise<void> | undefined;
  end(): void;
  iterate(): AsyncIterator<HubChunk>;
}

function createChunkQueue(): ChunkQueue {
  const chunks: HubChunk[] = [];
  let bytes = 0;
  let ended = false;
  let wakeReader: (() => void) | undefined;
  let wakeWriters: (() => void)[] = [];
  const freeWriters = (): void => {
    for (const wake of wakeWriters) wake();
    wakeWriters = [];
  };
  const take = (): IteratorResult<HubChunk> | undefined => {
    const value = chunks.shift();
    if (value === undefined) return ended ? { done: true, value: undefined } : undefined;
    bytes -= value.data.length;
    if (bytes < highWater) freeWriters();
    return { done: false, value };
  };
  const end = (): void => {
    ended = true;
    freeWriters();
    wakeReader?.();
  };
  return {
    push: (chunk) => {
      if (ended) return undefined;
      chunks.push(chunk);
      bytes += chunk.data.length;
      wakeReader?.();
      return bytes < highWater ? undefined : new Promise((resolve) => wakeWriters.push(resolve));
    },
    end,
    iterate: () => ({
      next: async () => {
        for (;;) {
          const result = take();
          if (result !== undefined) return result;
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
        }
      },
      return: () => {
        chunks.length = 0;
        end();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}

/** Input that comes before the program is there waits for it; input for a program that takes none is dropped. */
function createInputGate(): Pick<StreamHub, 'setInput' | 'write' | 'closeInput'> {
  let current: HubInput | undefined;
  let closed = false;
  let waiting: (() => void)[] = [];
  return {
    setInput: (input) => {
      current = input;
      if (input === undefined) {
        closed = false;
        return;
      }
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
      if (closed) input.close();
    },
    write: async (data) => {
      if (current === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
      await current?.write(data);
    },
    closeInput: () => {
      if (current === undefined) closed = true;
      else current.close();
    },
  };
}
