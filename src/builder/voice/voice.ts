import type { Say } from './messages.js';

/** How one stage speaks: the classic builder's lines, and the life of its steps. */
export interface Voice {
  /** A line that only the classic builder has. */
  line(text: string): void;
  /** What the step under way writes, in both. */
  log(text: string): void;
  /** Something that the user should see whatever else is shown. */
  warn(text: string): void;
  /** The step under way begins; `name` is BuildKit's: `[builder 2/4] RUN …`. */
  begin(name: string): void;
  /** What is under way came from the cache. */
  cached(): void;
  end(): void;
  /** What is under way did not end by itself. */
  fail(failure: { readonly error: string; readonly excerpt: string } | 'cancelled'): void;
}

/** Numbers of steps, for all that speak in one build. */
export interface StepNumbers {
  next(): number;
}

export function makeStepNumbers(): StepNumbers {
  let last = 0;
  return {
    next: () => {
      last += 1;
      return last;
    },
  };
}

/** `say` gets the steps at once; `classic` gets the lines, which may have to wait for those of others. */
export function makeVoice(say: Say, classic: Say, numbers: StepNumbers): Voice {
  let current: { readonly step: number; cached: boolean } | undefined;
  const take = (): { readonly step: number; readonly cached: boolean } | undefined => {
    const ended = current;
    current = undefined;
    return ended;
  };
  return {
    line: (text) => {
      classic({ stream: text });
    },
    log: (text) => {
      classic({ stream: text });
      if (current) say({ step: { state: 'log', step: current.step, text } });
    },
    warn: (text) => {
      classic({ stream: `[Warning] ${text}\n` });
      say({ step: { state: 'warning', text } });
    },
    begin: (name) => {
      current = { step: numbers.next(), cached: false };
      say({ step: { state: 'begun', step: current.step, name } });
    },
    cached: () => {
      classic({ stream: ' ---> Using cache\n' });
      if (current) current.cached = true;
    },
    end: () => {
      const ended = take();
      if (ended) say({ step: { state: ended.cached ? 'cached' : 'done', step: ended.step } });
    },
    fail: (failure) => {
      const ended = take();
      if (!ended) return;
      if (failure === 'cancelled') say({ step: { state: 'cancelled', step: ended.step } });
      else say({ step: { state: 'failed', step: ended.step, ...failure } });
    },
  };
}

/** For an evaluation that nobody listens to. */
export const silence: Voice = {
  line: () => {},
  log: () => {},
  warn: () => {},
  begin: () => {},
  cached: () => {},
  end: () => {},
  fail: () => {},
};
