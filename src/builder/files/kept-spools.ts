import type { Spool } from './spool.js';

/** The contents of a context's files, by their SHA-256. */
export interface KeptSpool {
  readonly spool: Spool;
  /** Where each begins. */
  readonly contents: ReadonlyMap<string, number>;
}

/**
 * Contents of the contexts that were built last: a build after a change needs those that did not change too, for its layer. In memory and in files
 * without names, so nothing of it outlives the daemon; for some minutes, and not more than a gigabyte.
 */
export interface KeptSpools {
  /** What the last build of this key left. It is the caller's alone until it is kept again. */
  take(key: string): KeptSpool | undefined;
  keep(key: string, kept: KeptSpool): void;
  /** Lets all go; answers how many bytes they took. */
  clear(): number;
}

export function makeKeptSpools(): KeptSpools {
  const all = new Map<string, { readonly kept: KeptSpool; readonly timer: NodeJS.Timeout }>();
  const take = (key: string): KeptSpool | undefined => {
    const found = all.get(key);
    all.delete(key);
    clearTimeout(found?.timer);
    return found?.kept;
  };
  const drop = (key: string): number => {
    const spool = take(key)?.spool;
    const size = spool?.size() ?? 0;
    spool?.close();
    return size;
  };
  return {
    take,
    keep: (key, kept) => {
      drop(key);
      all.set(key, { kept, timer: setTimeout(() => drop(key), keptMs).unref() });
      let bytes = 0;
      // Those kept last stay.
      for (const [index, [one, { kept: other }]] of [...all].toReversed().entries()) {
        bytes += other.spool.size();
        if (bytes > mostBytes || index >= mostSpools) drop(one);
      }
    },
    clear: () => [...all.keys()].reduce((sum, key) => sum + drop(key), 0),
  };
}

const keptMs = 10 * 60_000;
const mostSpools = 16;
const mostBytes = 2 ** 30;
