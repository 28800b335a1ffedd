import type { BuildStepEvent } from '../../docker-api/index.js';
import { type BuildStep, type BuildSteps, seconds } from './build-steps.js';

export interface TerminalProgress {
  readonly take: (event: BuildStepEvent, now: number) => void;
  /** Draws the steps as they are now over what was drawn before. */
  draw(now: number): void;
  /** The last picture. */
  finish(now: number): void;
}

export interface TerminalOptions {
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly write: (text: string) => void;
  readonly startedAt: number;
}

/** BuildKit's terminal progress: a picture of all steps that changes in place, with the last lines of those under way. */
export function terminalProgress(steps: BuildSteps, options: TerminalOptions): TerminalProgress {
  let drawn = 0;
  const draw = (now: number, finished: boolean): void => {
    const { columns, rows } = options.size();
    const all = [...steps.steps.values()];
    const ended = all.filter(({ endedAt }) => endedAt !== undefined).length;
    const head = `[+] Building ${seconds(now - options.startedAt)} (${String(ended)}/${String(all.length)})${finished ? ' FINISHED' : ''}`;
    const body = all.flatMap((step) => linesOf(step, now, columns));
    const lines = [head, ...body.slice(finished ? 0 : -(Math.max(rows, 6) - 3))];
    const up = drawn === 0 ? '' : `\u001B[${String(drawn)}A\r\u001B[J`;
    options.write(`${up}${lines.map((line) => `${line.slice(0, columns - 1)}\n`).join('')}`);
    drawn = lines.length;
  };
  return {
    take: (event, now) => {
      steps.take(event, now);
    },
    draw: (now) => {
      draw(now, false);
    },
    finish: (now) => {
      draw(now, true);
      for (const text of steps.warnings) options.write(`WARNING: ${text}\n`);
    },
  };
}

function linesOf(step: BuildStep, now: number, columns: number): readonly string[] {
  const time = seconds((step.endedAt ?? now) - step.startedAt);
  const mark = marks[step.state];
  const width = Math.max(10, columns - time.length - 3);
  const head = ` => ${mark}${step.name.replaceAll(/\s+/gu, ' ')}`.slice(0, width).padEnd(width);
  const below = step.state === 'running' ? step.lines.slice(-shownLines).map((line) => ` => => # ${shown(line)}`) : [];
  return [`${head} ${time}`, ...below];
}

/** Nothing that a program writes moves the cursor. */
function shown(line: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return line.replace(/^\S+ /u, '').replaceAll(/\u001B\[[\d;?]*[A-Za-z]|[\u0000-\u001F\u007F]/gu, '');
}

const marks = { running: '', done: '', cached: 'CACHED ', cancelled: 'CANCELED ', failed: 'ERROR ' } as const;
const shownLines = 6;
