export { type Accelerator, type HypervRuntimeOptions } from './hyperv-runtime-options.js';
export { createHypervRuntime } from './hyperv-runtime.js';
export { dropHypervTemplates, makeHypervTemplate } from './prepare-template.js';
