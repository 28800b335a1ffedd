import { WindowboxError } from '../../errors/index.js';
import type { Container, LiveContainer } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import { dockerText } from '../docker-texts.js';
import { parseSignal, type StopAct } from '../process/parse-signal.js';
import { recordWhatHappened } from './change-record.js';
import { killedExitCode } from './run-end.js';

export interface StopOptions {
  /** Seconds; undefined: the container's own; negative: no limit. */
  readonly timeout: number | undefined;
  readonly signal: string | undefined;
}

/** Seconds that Docker waits on Windows. */
const defaultTimeout = 30;

/**
 * Asks the program to end, waits, then terminates it; resolves when the container has stopped. Not under the mutex: the end of
 * the run takes it.
 *
 * @throws WindowboxError `not-modified` when it does not run.
 */
export async function stopContainer(context: EngineContext, container: Container, options: StopOptions): Promise<void> {
  const { settings } = container.record;
  const act = parseSignal(options.signal ?? (settings.stopSignal === '' ? 'TERM' : settings.stopSignal));
  const { live } = container;
  if (live === undefined) {
    if (cancelRestart(context, container)) return;
    throw new WindowboxError('not-modified', 'Container already stopped');
  }
  recordWhatHappened(context, container, { stoppedByUser: true });
  if (container.record.state.status === 'paused') await live.sandbox.resume();
  publishKill(context, container, act);
  signalProcess(live, act);
  const timeout = options.timeout ?? settings.stopTimeout ?? defaultTimeout;
  if (!(await endsWithin(live, timeout))) {
    publishKill(context, container, 'terminate');
    await terminate(context, live);
  }
  await live.finished;
  publishContainerEvent(context, container, { action: 'stop' });
}

/** `docker kill`: one signal, and for KILL the wait until it is over. @throws WindowboxError `conflict` when it does not run. */
export async function killContainer(
  context: EngineContext,
  container: Container,
  signal: string | undefined,
): Promise<void> {
  const act = parseSignal(signal === undefined || signal === '' ? 'KILL' : signal);
  const { live, record } = container;
  if (live === undefined) {
    if (cancelRestart(context, container)) return;
    throw new WindowboxError('conflict', dockerText('killNotRunning', record.id));
  }
  if (act === 'terminate') recordWhatHappened(context, container, { stoppedByUser: true });
  publishKill(context, container, act);
  if (act !== 'terminate') {
    signalProcess(live, act);
    return;
  }
  if (record.state.status === 'paused') await live.sandbox.resume();
  await terminate(context, live);
  await live.finished;
}

/** A container that waits for its next start by policy is stopped by not starting it. */
function cancelRestart(context: EngineContext, container: Container): boolean {
  const { state } = container.record;
  if (state.status !== 'restarting') return false;
  clearTimeout(container.restartTimer);
  const { startedAt, finishedAt, exitCode } = state;
  recordWhatHappened(context, container, {
    stoppedByUser: true,
    state: { status: 'exited', startedAt, finishedAt, exitCode, outOfMemory: false, error: '' },
  });
  return true;
}

function signalProcess(live: LiveContainer, act: StopAct): void {
  if (act === 'terminate') live.process.terminate(killedExitCode);
  else live.process.control(act);
}

/** The agent ends the program; a sandbox that does not answer is taken down whole. */
async function terminate(context: EngineContext, live: LiveContainer): Promise<void> {
  live.process.terminate(killedExitCode);
  if (await endsWithin(live, 5)) return;
  context.logger.warn('A sandbox does not end its program; taking it down', { sandbox: live.sandbox.id });
  await live.sandbox.stop({ keepLayer: true });
}

async function endsWithin(live: LiveContainer, seconds: number): Promise<boolean> {
  if (seconds < 0) return live.finished.then(() => true);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000, false);
  });
  const ended = await Promise.race([live.finished.then(() => true), late]);
  clearTimeout(timer);
  return ended;
}

function publishKill(context: EngineContext, container: Container, act: StopAct): void {
  const numbers: Readonly<Record<StopAct, string>> = {
    terminate: '9',
    shutdown: '15',
    'ctrl-c': '2',
    'ctrl-break': '3',
  };
  publishContainerEvent(context, container, { action: 'kill', attributes: { signal: numbers[act] } });
}
