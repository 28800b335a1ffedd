import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { describeError } from '../errors/index.js';
import type { FileThreadData, FromFileThread, SlotMemory, ToFileThread } from './file-thread.js';
import { unpackLayerBytes } from './unpack-layer-bytes.js';

/** The thread of a file: hashes what it unpacks to as far as it is there, and where its owner wants that, hands it over in slots. */
const { file, packing, output }: FileThreadData = workerData;
const hash = createHash('sha256');
const chunkSize = 1 << 19;
const free = [...(output?.offsets ?? [])];
let [length, isWhole] = [0, false];
const waiting: (() => void)[] = [];

parentPort?.on('message', (message: ToFileThread) => {
  if (message === 'end') isWhole = true;
  else if ('grown' in message) length = message.grown;
  else free.push(message.free);
  for (const resolve of waiting.splice(0)) resolve();
});
void work();

async function work(): Promise<void> {
  try {
    for await (const chunk of unpackLayerBytes(readFile(), packing)) {
      hash.update(chunk);
      if (output) for (let done = 0; done < chunk.length;) done += await handOut(chunk.subarray(done), output);
    }
    tell({ digest: hash.digest('hex') });
  } catch (error) {
    tell({ failure: describeError(error) });
  }
}

async function* readFile(): AsyncGenerator<Uint8Array> {
  // What nothing unpacks is done with when the next chunk is asked for.
  const reused = packing === 'none' ? Buffer.allocUnsafe(chunkSize) : undefined;
  for (let at = 0; ;) {
    if (length > at) {
      const chunk = reused ?? Buffer.allocUnsafe(Math.min(chunkSize, length - at));
      const size = readSync(file, chunk, 0, Math.min(chunkSize, length - at), at);
      if (size === 0) throw new Error(`the file ends after ${String(at)} of ${String(length)} bytes`);
      at += size;
      yield chunk.subarray(0, size);
    } else if (isWhole) return;
    else await woken();
  }
}

/** Answers how much of the chunk went over. */
async function handOut(chunk: Uint8Array, { memory, slotSize }: SlotMemory): Promise<number> {
  while (free.length === 0) await woken();
  const at = free.pop() ?? 0;
  const part = chunk.subarray(0, slotSize);
  new Uint8Array(memory, at).set(part);
  tell({ unpacked: { at, length: part.length } });
  return part.length;
}

/** Resolves when the owner said something. */
async function woken(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
  });
}

function tell(message: FromFileThread): void {
  parentPort?.postMessage(message, []);
}
