import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createNamespace, deleteNamespace } from './links.js';

/** Keeps one network namespace ready: making one takes longer than everything else that a start asks of the network. */
export interface NamespacePool {
  take(): Promise<string>;
  /** One for a sandbox that waits for its container. */
  lend(): Promise<string>;
  /** One that was lent is a container's now. */
  claim(path: string): string;
  /** Removes one that was lent and not claimed. Idempotent. */
  giveBack(path: string): Promise<void>;
  /** Removes those of an earlier daemon that nobody uses. */
  sweep(used: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

export function createNamespacePool(folder: string): NamespacePool {
  let spare: Promise<string> | undefined;
  const lent = new Set<string>();
  let closed = false;
  const make = async (): Promise<string> => {
    const path = join(folder, randomBytes(6).toString('hex'));
    await createNamespace(path);
    return path;
  };
  const refill = (): void => {
    // Several that were taken at once ask for one refill each; a second spare would be nobody's.
    if (closed || spare !== undefined) return;
    spare = make();
    // Whoever takes it sees the error.
    spare.catch(() => undefined);
  };
  const take = async (): Promise<string> => {
    const ready = spare ?? make();
    spare = undefined;
    const path = await ready;
    setImmediate(refill);
    return path;
  };
  return {
    take,
    lend: async () => {
      const path = await take();
      lent.add(path);
      return path;
    },
    claim: (path) => {
      lent.delete(path);
      return path;
    },
    giveBack: async (path) => {
      if (lent.delete(path)) await deleteNamespace(path);
    },
    sweep: async (used) => {
      const names = await readdir(folder).catch(() => []);
      const spareOf = await spare?.catch(() => undefined);
      for (const path of names.map((name) => join(folder, name)))
        if (!used.has(path) && !lent.has(path) && path !== spareOf) await deleteNamespace(path);
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
