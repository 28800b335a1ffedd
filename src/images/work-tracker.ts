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
  const state: { active: number; sweeping: Promise<number> | undefined } = { active: 0, sweeping: undefined };
  let postponed: (() => Promise<number>) | undefined;

  // After a wait nothing may come between the look and the act: another waiter was woken by the same end.
  const start = async (run: () => Promise<number>): Promise<number> => {
    state.sweeping = run().finally(() => {
      state.sweeping = undefined;
    });
    return state.sweeping;
  };
  const sweep = async (run: () => Promise<number>): Promise<number> => {
    while (state.active === 0 && state.sweeping) await state.sweeping.catch(() => {});
    if (state.active === 0) return start(run);
    postponed = run;
    return 0;
  };
  return {
    during: async (act) => {
      while (state.sweeping) await state.sweeping.catch(() => {});
      state.active += 1;
      try {
        return await act();
      } finally {
        state.active -= 1;
        const run = state.active === 0 ? postponed : undefined;
        if (run) {
          postponed = undefined;
          // Whoever asked for it has its answer; what this sweep cannot delete, the next one finds again.
          sweep(run).catch(() => {});
        }
      }
    },
    sweep,
  };
}
