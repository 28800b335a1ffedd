import type { RunMount } from '../parse/parse-mount.js';

/** A place that a mount may take: what it holds, and where it is to appear. */
export interface OpenMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface MountStep {
  readonly mounts: readonly RunMount[];
  /** Of the instruction. */
  readonly line: number;
}

/** Registers what has to be undone when the step is over, last first. */
export type Undo = (act: () => Promise<void>) => void;
