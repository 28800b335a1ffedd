import { createHash } from 'node:crypto';
import { type FileThread, type LayerPacking, startFileThread, unpackLayerBytes } from '../../platform/index.js';
import { type PackedFile, readPacked } from '../packed-file.js';

export interface UnpackedFile {
  /** A chunk is there until the next one is asked for, no longer. @throws WindowboxError `data-loss` for damaged bytes. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** SHA-256 of all chunks together, hexadecimal; asked for after the last one. */
  digest(): Promise<string>;
}

/** Unpacks a packed layer, and hashes what comes out. */
export function unpackFile(file: PackedFile, packing: LayerPacking): UnpackedFile {
  return file.size < threadFrom ? unpackHere(file, packing) : unpackOnThread(file, packing);
}

function unpackHere(file: PackedFile, packing: LayerPacking): UnpackedFile {
  const hash = createHash('sha256');
  return {
    chunks: (async function* chunks() {
      for await (const chunk of unpackLayerBytes(readPacked(file), packing)) {
        hash.update(chunk);
        yield chunk;
      }
    })(),
    digest: async () => hash.digest('hex'),
  };
}

/** Reading, unpacking and hashing take as long as the files of a layer take to be written: they go on meanwhile. */
function unpackOnThread(file: PackedFile, packing: LayerPacking): UnpackedFile {
  let digest: string | undefined;
  return {
    chunks: (async function* chunks() {
      const handle = await file.open();
      const thread = startFileThread(handle.fd, { unpack: packing });
      const feed = feedThread(thread, file);
      try {
        yield* thread.unpacked();
        digest = await thread.digest();
      } catch (error) {
        // The reason why no more came says more than that the thread got no more.
        throw feed.failure ?? error;
      } finally {
        await thread.close();
        await handle.close();
      }
    })(),
    digest: async () => digest ?? '',
  };
}

/** Tells the thread how far the file has grown, until all is there. */
function feedThread(thread: FileThread, file: PackedFile): { failure?: unknown } {
  const feed: { failure?: unknown } = {};
  void (async () => {
    try {
      let length = await file.more(0);
      while (length !== undefined) {
        thread.grow(length);
        length = await file.more(length);
      }
      thread.end();
    } catch (error) {
      feed.failure = error;
      await thread.close();
    }
  })();
  return feed;
}

/** Packed bytes; less is not worth the start of a thread. */
const threadFrom = 4 << 20;
