import { CommanderError } from 'commander';
import { WindowboxError } from '../errors/index.js';
import { commandTable } from './command-table.js';
import { printHelp } from './print-help.js';

/**
 * Runs one command line and resolves with the exit code. Only the module of the command that was asked for is loaded: a start
 * costs what that command needs.
 *
 * Exit codes: the command's own; 125 when Windowbox itself failed (as Docker), 1 or 2 where a command's help says so.
 */
export async function runCli(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === 'help' && rest[0] !== undefined) return runCli([rest[0], '--help']);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return printHelp();
  const entry = commandTable[name === '--version' || name === '-v' ? 'version' : name];
  if (entry === undefined) return unknownCommand(name);
  try {
    const command = await entry.load();
    let exitCode = 0;
    command
      .name(`windowbox ${name}`)
      .exitOverride()
      .configureOutput({ writeErr: (text) => process.stderr.write(text) });
    await command.parseAsync([...rest], { from: 'user' });
    if (typeof process.exitCode === 'number') exitCode = process.exitCode;
    return exitCode;
  } catch (error) {
    return reportFailure(error);
  }
}

function unknownCommand(name: string): number {
  process.stderr.write(`windowbox: '${name}' is not a windowbox command.\nSee 'windowbox --help'\n`);
  return 125;
}

function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 125;
  if (!(error instanceof WindowboxError)) throw error;
  process.stderr.write(`windowbox: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
  return 125;
}
