export { createProcessRuntime } from './process-runtime.js';
export type { NamespaceLender, ProcessRuntimeOptions } from './runtime-options.js';
