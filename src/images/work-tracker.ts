/**
 * Lets many acts go on at once, and the sweep that deletes unreferenced content only while none does: an act writes content
 * first and the record that refers to it last, and a sweep in between would take it away.
 */
export interface WorkTracker {
  /** An act that adds or uses content. Waits while a sweep runs. */
  during<T>(act: () => Promise<T>): Promise<T>;
  /** Sweeps now, or, while acts are under way, when the last of them ends; then the answer is 0 at once. Answers freed bytes. */
  sweep(run: () => Promise<number>): Promise<number>;
}

export function createWorkTracker(): WorkTracker {
  let active = 0;
  let sweeping: Promise<number> | undefined;
  let postponed: (() => Promise<number>) | undefined;

  const settled = async (): Promise<void> => {
    await sweeping?.catch(() => {});
    if (sweeping) await settled();
  };
  const begin = async (run: () => Promise<number>): Promise<number> => {
    await settled();
    sweeping = run().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  };
  return {
    during: async (act) => {
      await settled();
      active += 1;
      try {
        return await act();
      } finally {
        active -= 1;
        const run = active === 0 ? postponed : undefined;
        if (run) {
          postponed = undefined;
          // Whoever asked for it has its answer; what this sweep cannot delete, the next one finds again.
          begin(run).catch(() => {});
        }
      }
    },
    sweep: async (run) => {
      if (active === 0) return begin(run);
      postponed = run;
      return 0;
    },
  };
}
