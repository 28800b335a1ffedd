/** Runs one piece of asynchronous work at a time, in the order of the calls. */
export interface Mutex {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: async (work) => {
      const result = last.then(work);
      // Whoever comes next waits for the end of this work, not for its success.
      last = result.catch(() => undefined);
      return result;
    },
  };
}
