import { isatty } from 'node:tty';
import type { BuildStepEvent, BuildWanted, ProgressMessage } from '../../docker-api/index.js';
import { WindowboxError } from '../../errors/index.js';
import { jsonLines } from '../streams/json-lines.js';
import { print, printError } from '../streams/print.js';
import { type BuildSteps, trackSteps } from './build-steps.js';
import type { SentBuild } from './send-build.js';
import { plainProgress } from './plain-progress.js';
import { terminalProgress } from './terminal-progress.js';

export type ProgressMode = 'plain' | 'tty' | 'quiet';

export interface BuildResult {
  /** One for each platform; of a build that failed what it had made. */
  readonly images: readonly string[];
  readonly failed: boolean;
}

/** `--progress`, or `BUILDKIT_PROGRESS`. @throws WindowboxError `invalid-argument`. */
export function progressMode(asked: string | undefined): ProgressMode {
  const mode = asked ?? process.env['BUILDKIT_PROGRESS'] ?? 'auto';
  if (mode === 'auto') return isatty(2) ? 'tty' : 'plain';
  if (mode === 'plain' || mode === 'quiet') return mode;
  if (mode !== 'tty') throw new WindowboxError('invalid-argument', `invalid progress mode ${mode}`);
  if (isatty(2)) return mode;
  throw new WindowboxError('invalid-argument', 'failed to get console: provided file is not a console');
}

/** Shows a build on standard error as BuildKit's clients do, and says what went wrong. */
export async function showBuild({ answer, want }: SentBuild, mode: ProgressMode): Promise<BuildResult> {
  const steps = trackSteps();
  const view = openView(steps, mode);
  const images: string[] = [];
  let failure: NonNullable<ProgressMessage['errorDetail']> | undefined;
  try {
    for await (const message of jsonLines<BuildLine>(answer)) {
      if (message.error !== undefined || message.errorDetail !== undefined)
        failure = message.errorDetail ?? { message: message.error ?? 'unknown error' };
      else if (message.aux && 'wanted' in message.aux) want(message.aux.wanted);
      else if (message.aux && 'state' in message.aux) view.take(message.aux);
      else if (message.aux) images.push(message.aux.ID);
      // Another engine than ours does not know of steps, and tells its own in words.
      else if (message.stream !== undefined && mode !== 'quiet') print(message.stream);
    }
  } finally {
    view.close();
  }
  if (failure) printError(describeFailure(steps, failure));
  return { images, failed: failure !== undefined };
}

/** A line of `POST /build?steps=1`. The daemon is of one release with us: its word is not checked further. */
interface BuildLine extends Omit<ProgressMessage, 'aux'> {
  readonly aux?: { readonly ID: string } | BuildStepEvent | BuildWanted;
}

interface View {
  take(event: BuildStepEvent): void;
  close(): void;
}

function openView(steps: BuildSteps, mode: ProgressMode): View {
  if (mode === 'tty') return openTerminal(steps);
  const take = plainProgress(steps, mode === 'quiet' ? () => {} : printError);
  return {
    take: (event) => {
      take(event, Date.now());
    },
    close: () => {},
  };
}

function openTerminal(steps: BuildSteps): View {
  const size = (): { columns: number; rows: number } => ({
    columns: process.stderr.columns || 80,
    rows: process.stderr.rows || 24,
  });
  const terminal = terminalProgress(steps, { size, write: printError, startedAt: Date.now() });
  const timer = setInterval(() => {
    terminal.draw(Date.now());
  }, 100);
  return {
    take: (event) => {
      terminal.take(event, Date.now());
    },
    close: () => {
      clearInterval(timer);
      terminal.finish(Date.now());
    },
  };
}

/** The last lines of the step that failed, its place in the Dockerfile, and the reason. */
function describeFailure(steps: BuildSteps, failure: NonNullable<ProgressMessage['errorDetail']>): string {
  const step = [...steps.steps.values()].find(({ state }) => state === 'failed');
  if (!step) return `ERROR: failed to solve: ${failure.message}\n${hintOf(failure.hint)}`;
  const lines = step.lines.slice(-20).map((line) => `${line}\n`);
  const written = lines.length === 0 ? '' : `------\n > ${step.name}:\n${lines.join('')}------\n`;
  const excerpt = step.excerpt === '' ? '' : `${step.excerpt}\n`;
  // The reason and the place of a command that failed are in what is shown already.
  const hint = failure.code === undefined ? hintOf(failure.hint) : '';
  return `${written}${excerpt}ERROR: failed to solve: ${step.error}\n${hint}`;
}

function hintOf(hint: string | undefined): string {
  return hint === undefined ? '' : `${hint}\n`;
}
