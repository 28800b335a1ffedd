import { createDeferred } from '../../platform/index.js';
import type { OutputChunk, ProcessListener, Sandbox, SandboxEnd, SandboxProcess } from '../../runtime/index.js';
import type { Container, LiveContainer } from '../container.js';
import type { EngineContext } from '../context.js';
import { parseLogLimits } from '../logs/log-files.js';
import { type LogWriter, openLogWriter } from '../logs/log-writer.js';
import { createProcessError } from '../process/create-process-error.js';
import { mainProcessSpec, mainProcess } from '../process/process-spec.js';
import { logPathOf } from '../logs/log-path.js';
import { finishRun } from './finish-run.js';
import { killedExitCode, type RunEnd } from './run-end.js';
import { createHealthMonitor } from './health.js';

/** A run that is not yet visible: `begin` follows once the record says that the container runs. */
export interface Run extends LiveContainer {
  begin(): void;
}

/** Starts a container's program in its sandbox, or takes over the one that an earlier daemon started, and sees it to its end. */
export async function followRun(
  context: EngineContext,
  container: Container,
  sandbox: Sandbox,
  takeover?: { readonly startedAt: number },
): Promise<Run> {
  const { record, hub } = container;
  const log = await openLog(context, container);
  if (takeover === undefined) await log?.beginRun();
  const end = createDeferred<RunEnd>();
  const listener: ProcessListener = {
    onOutput: (chunk) => distribute(container, log, chunk),
    onExit: (exitCode) => {
      end.resolve({ exitCode, outOfMemory: false, error: '' });
    },
  };
  let process: SandboxProcess;
  try {
    process =
      takeover === undefined
        ? await sandbox.start(mainProcessSpec(container), listener)
        : sandbox.adopt(mainProcess, listener);
  } catch (error) {
    await log?.close();
    throw createProcessError(record.id, error, record.effective.path);
  }
  void sandbox.ended.then((ended) => {
    end.resolve(endOfSandbox(ended));
  });
  hub.setInput({
    write: async (data) => (record.settings.openStdin ? process.write(data) : undefined),
    close: () => process.closeStdin(),
  });
  const begun = createDeferred<void>();
  const finished = begun.promise.then(() => end.promise).then((how) => finishRun(context, container, how));
  const over = new AbortController();
  void finished.finally(() => over.abort());
  const health = createHealthMonitor(context, container);
  return {
    sandbox,
    process,
    log,
    health,
    execs: new Set(),
    startedAt: takeover?.startedAt ?? Date.now(),
    finished,
    over: over.signal,
    begin: () => {
      health?.start();
      begun.resolve();
    },
  };
}

/** Log first, then the clients; the program waits for both. */
async function distribute(container: Container, log: LogWriter | undefined, chunk: OutputChunk): Promise<void> {
  const time = BigInt(Date.now()) * 1_000_000n;
  const written = log?.append({ stream: chunk.stream, data: chunk.data, sequence: chunk.sequence, time });
  await Promise.all([written, container.hub.publish(chunk)]);
}

async function openLog(context: EngineContext, container: Container): Promise<LogWriter | undefined> {
  const { record } = container;
  if (record.settings.logging.driver === 'none') return undefined;
  const path = logPathOf(context, record.id);
  return openLogWriter({ path, limits: parseLogLimits(record.settings.logging.options), logger: context.logger });
}

/** A sandbox that died under its program: 137 as after a SIGKILL, with the reason; Windows has no code of its own for it. */
function endOfSandbox(ended: SandboxEnd): RunEnd {
  if (ended.how === 'stopped') return { exitCode: killedExitCode, outOfMemory: false, error: '' };
  return { exitCode: 137, outOfMemory: ended.outOfMemory, error: ended.reason };
}
