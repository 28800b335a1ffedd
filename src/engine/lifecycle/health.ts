import type { Container } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import { runProbe } from '../process/run-probe.js';
import type { Healthcheck, HealthResult, HealthState } from '../types.js';

/** Runs a container's health check over and over while it runs. */
export interface HealthMonitor {
  readonly state: HealthState;
  start(): void;
  stop(): void;
}

/** Docker's defaults. */
const defaults = { interval: 30e9, timeout: 30e9, startPeriod: 0, startInterval: 5e9, retries: 3 };
const resultsKept = 5;

/** undefined when the container has no health check or `NONE`. */
export function createHealthMonitor(context: EngineContext, container: Container): HealthMonitor | undefined {
  const check = container.record.effective.healthcheck;
  const command = check && probeCommand(check, container.record.settings.shell);
  if (check === undefined || command === undefined) return undefined;
  const timing = withDefaults(check);
  const stopped = new AbortController();
  const monitor = {
    state: { status: 'starting', failingStreak: 0, log: [] } as HealthState,
    start: () => {
      void loop();
    },
    stop: () => stopped.abort(),
  };
  const loop = async (): Promise<void> => {
    const begin = Date.now();
    const inStartPeriod = (): boolean => Date.now() - begin < timing.startPeriod / 1e6;
    for (;;) {
      const wait = inStartPeriod() && monitor.state.status === 'starting' ? timing.startInterval : timing.interval;
      await sleep(wait / 1e6, stopped.signal);
      if (stopped.signal.aborted) return;
      const result = await runProbe(context, container, {
        command,
        timeout: timing.timeout / 1e6,
        signal: stopped.signal,
      });
      if (stopped.signal.aborted) return;
      record(result, inStartPeriod());
    }
  };
  const record = (result: HealthResult, forgiving: boolean): void => {
    const before = monitor.state.status;
    monitor.state = nextHealth(monitor.state, result, { retries: timing.retries, forgiving });
    if (monitor.state.status !== before)
      publishContainerEvent(context, container, { action: `health_status: ${monitor.state.status}` });
  };
  return monitor;
}

/** Docker's rule: one success is healthy; `retries` failures in a row are unhealthy; within the start period failures do not count. */
export function nextHealth(
  state: HealthState,
  result: HealthResult,
  rule: { readonly retries: number; readonly forgiving: boolean },
): HealthState {
  const log = [...state.log, result].slice(-resultsKept);
  if (result.exitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (rule.forgiving && state.status === 'starting') return { ...state, log };
  const failingStreak = state.failingStreak + 1;
  return { status: failingStreak >= rule.retries ? 'unhealthy' : state.status, failingStreak, log };
}

function probeCommand(check: Healthcheck, shell: readonly string[] | undefined): readonly string[] | undefined {
  const [kind, ...rest] = check.test;
  if (kind === 'CMD') return rest;
  if (kind === 'CMD-SHELL') return [...(shell ?? ['cmd', '/S', '/C']), ...rest];
  return undefined;
}

function withDefaults(check: Healthcheck): typeof defaults {
  return {
    interval: check.interval || defaults.interval,
    timeout: check.timeout || defaults.timeout,
    startPeriod: check.startPeriod,
    startInterval: check.startInterval || defaults.startInterval,
    retries: check.retries || defaults.retries,
  };
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
