import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createNamespace, deleteNamespace } from './links.js';

/** Keeps one network namespace ready: making one takes longer than everything else that a start asks of the network. */
export interface NamespacePool {
  take(): Promise<string>;
  /** Removes those of an earlier daemon that nobody uses. */
  sweep(used: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

export function createNamespacePool(folder: string): NamespacePool {
  let spare: Promise<string> | undefined;
  let closed = false;
  const make = async (): Promise<string> => {
    const path = join(folder, randomBytes(6).toString('hex'));
    await createNamespace(path);
    return path;
  };
  const refill = (): void => {
    if (closed) return;
    spare = make();
    // Whoever takes it sees the error.
    spare.catch(() => undefined);
  };
  return {
    take: async () => {
      const ready = spare ?? make();
      spare = undefined;
      const path = await ready;
      setImmediate(refill);
      return path;
    },
    sweep: async (used) => {
      const names = await readdir(folder).catch(() => []);
      const spareOf = await spare?.catch(() => undefined);
      for (const path of names.map((name) => join(folder, name)))
        if (!used.has(path) && path !== spareOf) await deleteNamespace(path);
    },
    close: async () => {
      closed = true;
      const left = spare;
      spare = undefined;
      const path = await left?.catch(() => undefined);
      if (path !== undefined) await deleteNamespace(path);
    },
  };
}
