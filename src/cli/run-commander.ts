import type { Command } from 'commander';
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
    // By its name and not its class: loading commander for the class would cost every other command 10 ms.
    if (error instanceof Error && error.name === 'CommanderError')
      return 'exitCode' in error && error.exitCode === 0 ? 0 : failureCode;
    if (!isFailure(error)) throw error;
    printError(`windowbox: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    return failureCode;
  }
}
