import type { ExecOperations } from '../../../engine/index.js';

/** What the exec routes need of the engine. */
export type ExecBackend = ExecOperations;
