import { type FileHandle, open } from 'node:fs/promises';
import { isErrno } from '../../errors/index.js';

/** A file that one writes and others read meanwhile. */
export interface GrowingFile {
  readonly path: string;
  /** Its name in the store, when it is complete. */
  readonly finalPath: string;
  length: number;
  status: 'growing' | 'complete' | 'failed';
  failure?: Error;
  waiting: (() => void)[];
}

export function grow(file: GrowingFile, length: number): void {
  file.length = length;
  wake(file);
}

export function settle(file: GrowingFile, status: 'complete' | 'failed', failure?: Error): void {
  file.status = status;
  if (failure) file.failure = failure;
  wake(file);
}

/** Lets every reader look again whether it may go on. */
export function wake(file: GrowingFile): void {
  const { waiting } = file;
  file.waiting = [];
  for (const resolve of waiting) resolve();
}

/** The bytes from the first on; ends with the file. `check` throws when its reader is to give up. */
export async function* readGrowing(state: GrowingFile, check: () => void): AsyncGenerator<Uint8Array> {
  check();
  while (state.length === 0 && state.status === 'growing') {
    await changed(state);
    check();
  }
  const file = await openEither(state);
  try {
    for (let at = 0; ;) {
      check();
      if (state.length > at) {
        const { bytesRead, buffer } = await file.read(
          Buffer.allocUnsafe(1 << 19),
          0,
          Math.min(1 << 19, state.length - at),
          at,
        );
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      } else if (state.failure) throw state.failure;
      else if (state.status === 'complete') return;
      else await changed(state);
    }
  } finally {
    await file.close();
  }
}

async function openEither(state: GrowingFile): Promise<FileHandle> {
  try {
    return await open(state.path, 'r');
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    if (state.failure !== undefined) throw state.failure;
    return open(state.finalPath, 'r');
  }
}

async function changed(state: GrowingFile): Promise<void> {
  return new Promise((resolve) => {
    state.waiting.push(resolve);
  });
}
