import type { Command, CommanderError } from 'commander';
import { isFailure } from './failure.js';
import { printError } from './streams/print.js';

export interface CommanderRun {
  readonly path: string;
  readonly rest: readonly string[];
  /** Exit code of bad usage and of our own failures. */
  readonly failureCode: number;
}

/** Runs a command that is written with commander: those that Docker has no word for, where pflag's ways need not be matched. */
export async function runCommander(command: Command, { path, rest, failureCode }: CommanderRun): Promise<number> {
  try {
    command
      .name(`windowbox ${path}`)
      .exitOverride()
      .configureOutput({ writeErr: (text) => process.stderr.write(text) });
    await command.parseAsync([...rest], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (isCommanderError(error)) return error.exitCode === 0 ? 0 : failureCode;
    if (!isFailure(error)) throw error;
    printError(`windowbox: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    return failureCode;
  }
}

/**
 * Commander has printed its message already. By its code: loading commander for the class would cost every other command 10 ms, and a
 * bundler may rename the class, and with it what the error calls itself.
 */
function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
