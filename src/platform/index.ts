export { atomicWrite, syncFolder } from './atomic-write.js';
export { type Paths, resolvePaths } from './paths.js';
export { type RunOptions, type RunResult, runCommand, tryCommand } from './run-command.js';
