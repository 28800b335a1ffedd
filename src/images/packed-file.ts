import { type FileHandle, open, stat } from 'node:fs/promises';

/** The packed bytes of a layer, in a file that may still grow. */
export interface PackedFile {
  /** Bytes, when all are there. */
  readonly size: number;
  /** Resolves when the file is there. Whoever opens it closes it. */
  open(): Promise<FileHandle>;
  /** Resolves when more bytes than that are there, with how many; with undefined when no more come. Fails with the reason why they do not. */
  more(length: number): Promise<number | undefined>;
}

/** One that is there as a whole, of which it is said that it has so many bytes. */
export function wholeFile(path: string, size: number): PackedFile {
  return {
    size,
    open: async () => open(path, 'r'),
    more: async (length) => {
      const there = (await stat(path)).size;
      return length < there ? there : undefined;
    },
  };
}

/** The bytes from the first on, as they come. */
export async function* readPacked(packed: PackedFile): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await packed.open();
  try {
    let at = 0;
    for (let length = await packed.more(at); length !== undefined; length = await packed.more(at)) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkSize, length - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      // Of a file that was cut short meanwhile no more comes; what is missing is told by who unpacks it.
      if (bytesRead === 0) return;
      at += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

const chunkSize = 1 << 19;
