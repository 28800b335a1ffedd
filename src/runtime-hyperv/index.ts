export { type Accelerator, type HypervRuntimeOptions, type StartPhase } from './hyperv-runtime-options.js';
export { createHypervRuntime, type HypervRuntime } from './hyperv-runtime.js';
export type { HypervTemplates, MadeTemplate } from './hyperv-templates.js';
export type { TemplateView } from './list-templates.js';
