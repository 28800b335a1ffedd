import { goTime, type HealthShape, humanDuration, type StateShape, zeroTime } from '../../../docker-api/index.js';
import type { ContainerState, ContainerView, HealthState } from '../../../engine/index.js';

/** `State` of `inspect`. */
export function stateShape(view: ContainerView): StateShape {
  const { state } = view;
  const failure = state.status === 'created' ? state.failure : undefined;
  return {
    Status: state.status,
    Running: state.status === 'running' || state.status === 'paused' || state.status === 'restarting',
    Paused: state.status === 'paused',
    Restarting: state.status === 'restarting',
    OOMKilled: 'outOfMemory' in state && state.outOfMemory,
    Dead: state.status === 'dead',
    Pid: 'pid' in state ? state.pid : 0,
    ExitCode: failure?.exitCode ?? exitCodeOf(state),
    Error: failure?.error ?? ('error' in state ? state.error : ''),
    StartedAt: timeOrNever('startedAt' in state ? state.startedAt : 0),
    FinishedAt: timeOrNever('finishedAt' in state ? state.finishedAt : 0),
    ...(view.health ? { Health: healthShape(view.health) } : {}),
  };
}

/** The column `STATUS` of `docker ps`. */
export function statusText(view: ContainerView, now: number): string {
  const { state } = view;
  if (state.status === 'created') return 'Created';
  if (state.status === 'dead') return 'Dead';
  if (!('finishedAt' in state)) {
    const suffix = state.status === 'paused' ? ' (Paused)' : healthSuffix(view.health);
    return `Up ${humanDuration(now - state.startedAt)}${suffix}`;
  }
  const word = state.status === 'exited' ? 'Exited' : 'Restarting';
  return `${word} (${String(state.exitCode)}) ${humanDuration(now - state.finishedAt)} ago`;
}

function healthSuffix(health: HealthState | undefined): string {
  if (!health) return '';
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`;
}

function exitCodeOf(state: ContainerState): number {
  return 'exitCode' in state ? state.exitCode : 0;
}

function timeOrNever(milliseconds: number): string {
  return milliseconds === 0 ? zeroTime : goTime(milliseconds);
}

function healthShape(health: HealthState): HealthShape {
  return {
    Status: health.status,
    FailingStreak: health.failingStreak,
    Log: health.log.map((entry) => ({
      Start: goTime(entry.start),
      End: goTime(entry.end),
      ExitCode: entry.exitCode,
      Output: entry.output,
    })),
  };
}
