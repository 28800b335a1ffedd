import type { Paths } from '../../platform/index.js';

/** What one check found. A note is worth knowing and stops nothing. */
export interface Finding {
  /** Stable, for programs: `kernel.overlayfs`. */
  readonly id: string;
  readonly state: 'ok' | 'note' | 'problem';
  /** A sentence for people, without a final period. */
  readonly text: string;
  /** A command or a sentence that mends it. */
  readonly mend?: string;
}

/** @throws WindowboxError when the check itself fails: reported as a problem. */
export type Check = (context: CheckContext) => Promise<readonly Finding[]> | readonly Finding[];

export interface CheckContext {
  readonly paths: Paths;
  readonly isRoot: boolean;
}

export function ok(id: string, text: string): Finding {
  return { id, state: 'ok', text };
}

export function note(id: string, text: string, mend?: string): Finding {
  return { id, state: 'note', text, ...(mend === undefined ? {} : { mend }) };
}

export function problem(id: string, text: string, mend: string): Finding {
  return { id, state: 'problem', text, mend };
}
