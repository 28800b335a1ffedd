import type { BuildStepEvent } from '../../docker-api/index.js';
import { type BuildStep, type BuildSteps, seconds } from './build-steps.js';

/** BuildKit's plain progress: each line with the number of its step, a headline where another step goes on. */
export function plainProgress(
  steps: BuildSteps,
  write: (text: string) => void,
): (event: BuildStepEvent, now: number) => void {
  let last: BuildStep | undefined;
  const say = (step: BuildStep, text: string): void => {
    if (last !== step) {
      if (last?.state === 'running') write(`#${String(last.number)} ...\n`);
      write(`${last ? '\n' : ''}#${String(step.number)} ${step.name}\n`);
      last = step;
    }
    if (text !== '') write(`#${String(step.number)} ${text}\n`);
  };
  return (event, now) => {
    const { step, lines } = steps.take(event, now);
    if (event.state === 'warning') write(`${last ? '\n' : ''}WARNING: ${event.text}\n`);
    if (!step) return;
    if (event.state === 'begun') say(step, '');
    for (const line of lines) say(step, line);
    if (step.endedAt !== undefined) say(step, endOf(step));
  };
}

function endOf(step: BuildStep): string {
  if (step.state === 'cached') return 'CACHED';
  if (step.state === 'cancelled') return 'CANCELED';
  if (step.state === 'failed') return `ERROR: ${step.error}`;
  return `DONE ${seconds((step.endedAt ?? step.startedAt) - step.startedAt)}`;
}
