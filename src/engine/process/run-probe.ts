import { randomInt } from 'node:crypto';
import { describeError } from '../../errors/index.js';
import { createDeferred } from '../../platform/index.js';
import { publishContainerEvent } from '../container-events.js';
import type { Container } from '../container.js';
import type { EngineContext } from '../context.js';
import { generateId } from '../generate-id.js';
import type { HealthResult } from '../types.js';
import { execProcessSpec } from './process-spec.js';

/** Docker keeps this much of what a probe prints. */
const outputKept = 4096;

/** Runs a health check's command once in a running container. A probe that takes too long is terminated and has failed. */
export async function runProbe(
  context: EngineContext,
  container: Container,
  probe: { readonly command: readonly string[]; readonly timeout: number; readonly signal: AbortSignal },
): Promise<HealthResult> {
  const start = Date.now();
  let output = '';
  const end = createDeferred<number>();
  const settings = { ...probeSettings, command: probe.command };
  const { live } = container;
  if (live === undefined) return { start, end: start, exitCode: -1, output: '' };
  const execID = generateId();
  const publish = (action: string, attributes = {}): void =>
    publishContainerEvent(context, container, { action, attributes: { execID, ...attributes } });
  const line = probe.command.join(' ');
  publish(`exec_create: ${line}`);
  publish(`exec_start: ${line}`);
  try {
    const process = await live.sandbox.start(execProcessSpec(container.record, settings, execNumber()), {
      onOutput: ({ data }) => {
        if (output.length < outputKept) output = (output + Buffer.from(data).toString()).slice(0, outputKept);
      },
      onExit: (exitCode) => {
        end.resolve(exitCode);
      },
    });
    const timer = setTimeout(() => {
      process.terminate(1);
      output = `Health check exceeded timeout (${String(probe.timeout / 1000)}s)`;
      end.resolve(-1);
    }, probe.timeout);
    probe.signal.addEventListener('abort', () => end.resolve(-1), { once: true });
    const exitCode = await end.promise;
    clearTimeout(timer);
    publish('exec_die', { exitCode: String(exitCode) });
    return { start, end: Date.now(), exitCode, output };
  } catch (error) {
    return { start, end: Date.now(), exitCode: -1, output: describeError(error) };
  }
}

/** Number of an exec in its sandbox; random, since a later daemon does not know which ones are taken. */
export function execNumber(): number {
  return randomInt(2, 2 ** 31);
}

const probeSettings = {
  terminal: false,
  attachStdin: false,
  attachStdout: true,
  attachStderr: true,
  env: [],
  workingDir: '',
  user: '',
  privileged: false,
  detachKeys: '',
  consoleSize: undefined,
} as const;
