/**
 * A daemon for the tests to kill: `node test-daemon.js OPTIONS SPEC PROCESS`, each JSON. It makes a sandbox, starts its process 1
 * and takes its output without ever being done with it, so that nothing is acknowledged.
 */
import type { ProcessSpec, SandboxSpec } from '../runtime/index.js';
import type { HypervRuntimeOptions } from './hyperv-runtime-options.js';
import { createHypervRuntime } from './hyperv-runtime.js';

function argument(index: number): unknown {
  return JSON.parse(process.argv[index] ?? '');
}

// The test that starts us is the one that wrote these.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const [options, spec, program] = [2, 3, 4].map(argument) as [HypervRuntimeOptions, SandboxSpec, ProcessSpec];
const sandbox = await createHypervRuntime({ ...options, accelerator: async () => 'tcg' }).create(spec);
await sandbox.start(program, {
  onOutput: async () => new Promise<void>(() => undefined),
  onExit: () => undefined,
});
console.log('started');
