import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';
import { describeError } from '../errors/index.js';
import type { FromStreamThread, StreamThreadData, ToStreamThread } from './stream-thread.js';

/** The thread of a stream: hashes what it is sent or, where it is packed, what it unpacks to, and hands that back in slots. */
const { slots, slotSize }: StreamThreadData = workerData;
const output = slots && new Uint8Array(slots);
const hash = createHash('sha256');
const queue: Uint8Array[] = [];
const free = output ? Array.from({ length: output.length / slotSize }, (_, slot) => slot) : [];
let hasEnded = false;
const waiters: (() => void)[] = [];

parentPort?.on('message', (message: ToStreamThread) => {
  if (message === 'end') hasEnded = true;
  else if (typeof message === 'number') free.push(message);
  else queue.push(message);
  for (const resolve of waiters.splice(0)) resolve();
});

void work();

async function work(): Promise<void> {
  try {
    if (output) await unpackInto(output);
    else for await (const chunk of received()) hash.update(chunk);
    tell({ digest: hash.digest('hex') });
  } catch (error) {
    tell({ failure: describeError(error) });
  }
}

async function unpackInto(bytes: Uint8Array): Promise<void> {
  // Chunk by chunk: as bytes, those that wait would be copied into one.
  const options = { chunkSize: slotSize, readableObjectMode: true, readableHighWaterMark: 4 };
  const gunzip = createGunzip(options);
  const input = Readable.from(received(), { objectMode: false, highWaterMark: 1 << 20 });
  for await (const chunk of input.pipe(gunzip)) {
    if (!(chunk instanceof Uint8Array)) continue;
    hash.update(chunk);
    while (free.length === 0) await changed();
    const slot = free.pop() ?? 0;
    bytes.set(chunk, slot * slotSize);
    tell({ slot, length: chunk.length });
  }
}

async function* received(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = queue.shift();
    if (chunk) {
      yield chunk;
      tell('taken');
    } else if (hasEnded) return;
    else await changed();
  }
}

async function changed(): Promise<void> {
  await new Promise<void>((resolve) => {
    waiters.push(resolve);
  });
}

function tell(message: FromStreamThread): void {
  parentPort?.postMessage(message, []);
}
