import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';
import { describeError } from '../errors/index.js';
import type { FromStreamThread, Slot, StreamThreadData, ToStreamThread } from './stream-thread.js';

/** The thread of a stream: hashes what comes in slots or, where it is packed, what it unpacks to, and hands that back in other slots. */
const { input, output }: StreamThreadData = workerData;
const hash = createHash('sha256');

if (output) unpackInto(output);
else
  parentPort?.on('message', (message: ToStreamThread) => {
    if (message === 'end') return tell({ digest: hash.digest('hex') });
    if (!('sent' in message)) return;
    hash.update(bytesOf(message.sent));
    tell({ taken: message.sent.at });
  });

function unpackInto({ memory, slotSize, offsets }: NonNullable<typeof output>): void {
  // Chunk by chunk: as bytes, those that wait would be copied into one.
  const options = { chunkSize: slotSize, readableObjectMode: true, readableHighWaterMark: 4 };
  const gunzip = createGunzip(options);
  const free = [...offsets];
  let wake = (): void => {};
  parentPort?.on('message', (message: ToStreamThread) => {
    if (message === 'end') gunzip.end();
    else if ('sent' in message) {
      const { sent } = message;
      gunzip.write(bytesOf(sent), () => {
        tell({ taken: sent.at });
      });
    } else {
      free.push(message.free);
      wake();
    }
  });
  const handOut = async (chunk: Uint8Array): Promise<void> => {
    hash.update(chunk);
    if (free.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    const at = free.pop() ?? 0;
    new Uint8Array(memory, at).set(chunk);
    tell({ unpacked: { at, length: chunk.length } });
  };
  void (async () => {
    try {
      for await (const chunk of gunzip) if (chunk instanceof Uint8Array) await handOut(chunk);
      tell({ digest: hash.digest('hex') });
    } catch (error) {
      tell({ failure: describeError(error) });
    }
  })();
}

function bytesOf({ at, length }: Slot): Uint8Array {
  return new Uint8Array(input.memory, at, length);
}

function tell(message: FromStreamThread): void {
  parentPort?.postMessage(message, []);
}
