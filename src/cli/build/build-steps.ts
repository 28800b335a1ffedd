import type { BuildStepEvent } from '../../docker-api/index.js';

/** A step as far as it has come. Times in milliseconds since 1970. */
export interface BuildStep {
  readonly number: number;
  readonly name: string;
  readonly startedAt: number;
  endedAt: number | undefined;
  state: 'running' | 'cached' | 'done' | 'cancelled' | 'failed';
  error: string;
  excerpt: string;
  /** The last whole lines that it wrote, each with the seconds from its start. */
  readonly lines: string[];
  /** The beginning of a line that has not ended. */
  rest: string;
}

/** What a build's steps have told. */
export interface BuildSteps {
  readonly steps: ReadonlyMap<number, BuildStep>;
  readonly warnings: readonly string[];
  /** Takes one event in; answers its step, and the lines that it completed. */
  take(event: BuildStepEvent, now: number): { readonly step?: BuildStep; readonly lines: readonly string[] };
}

export function trackSteps(): BuildSteps {
  const steps = new Map<number, BuildStep>();
  const warnings: string[] = [];
  return {
    steps,
    warnings,
    take: (event, now) => {
      if (event.state === 'warning') {
        warnings.push(event.text);
        return { lines: [] };
      }
      if (event.state === 'begun') {
        const step = newStep(event.step, event.name, now);
        steps.set(event.step, step);
        return { step, lines: [] };
      }
      const step = steps.get(event.step);
      if (!step) return { lines: [] };
      if (event.state === 'log') return { step, lines: addText(step, event.text, now) };
      const lines = step.rest === '' ? [] : addText(step, '\n', now);
      step.state = event.state;
      step.endedAt = now;
      if (event.state === 'failed') {
        step.error = event.error;
        step.excerpt = event.excerpt;
      }
      return { step, lines };
    },
  };
}

/** As BuildKit shows a duration: `0.3s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)}s`;
}

function newStep(number: number, name: string, now: number): BuildStep {
  return {
    number,
    name,
    startedAt: now,
    endedAt: undefined,
    state: 'running',
    error: '',
    excerpt: '',
    lines: [],
    rest: '',
  };
}

function addText(step: BuildStep, text: string, now: number): readonly string[] {
  const pieces = `${step.rest}${text}`.split(/\r*\n/u);
  step.rest = pieces.pop() ?? '';
  const at = ((now - step.startedAt) / 1000).toFixed(3);
  const lines = pieces.map((piece) => `${at} ${lastWritten(piece)}`);
  step.lines.push(...lines);
  step.lines.splice(0, step.lines.length - mostLines);
  return lines;
}

/** A program that draws a bar writes over its own line: the last state of it counts. */
function lastWritten(line: string): string {
  return line.slice(line.lastIndexOf('\r') + 1);
}

const mostLines = 200;
