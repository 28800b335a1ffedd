import { type FileHandle, open } from 'node:fs/promises';
import { isErrno } from '../../errors/index.js';
import type { PackedFile } from '../packed-file.js';

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

/** As its readers see it, of whom each may have its own reason to give up: then `check` throws it. */
export function packedFile(state: GrowingFile, size: number, check: () => void): PackedFile {
  const more = async (length: number): Promise<number | undefined> => {
    for (;;) {
      check();
      if (state.length > length) return state.length;
      if (state.failure) throw state.failure;
      if (state.status === 'complete') return undefined;
      await changed(state);
    }
  };
  return {
    size,
    more,
    open: async () => {
      await more(0);
      return openEither(state);
    },
  };
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
