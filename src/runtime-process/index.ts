export { createProcessRuntime } from './process-runtime.js';
export type { ProcessRuntimeOptions } from './runtime-options.js';
