import { clientVersion } from './client-version.js';
import { type CommandEntry, commandTable } from './command-table.js';
import type { CommandDefinition } from './define/command.js';
import { parseFlags } from './define/parse-flags.js';
import { isFailure, isUsageError } from './failure.js';
import { globalFlags } from './global-flags.js';
import { printGroupHelp, printHelp } from './print-help.js';
import { runCommander } from './run-commander.js';
import { printError } from './streams/print.js';

/**
 * Runs one command line and resolves with the exit code. Only the module of the command that was asked for is loaded: a start
 * costs what that command needs.
 *
 * Exit codes: the command's own; 125 for a wrong flag, and for any failure of `run`; 1 for other failures (as Docker).
 */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    const { flags, args: words, help } = parseFlags(globalFlags, args, { stopAtFirstArgument: true });
    if (flags.isOn('version')) return printVersion();
    const [first, ...rest] = words;
    if (help || first === undefined) return printHelp();
    if (first === 'help') return rest.length === 0 ? printHelp() : await runCommand([...rest, '--help'], undefined);
    return await runCommand(words, flags.text('host'));
  } catch (error) {
    return reportFailure(error, { path: '', failureCode: 125 });
  }
}

/** One line and no daemon, as Docker's. */
function printVersion(): number {
  process.stdout.write(`Windowbox version ${clientVersion}\n`);
  return 0;
}

async function runCommand(words: readonly string[], host: string | undefined): Promise<number> {
  const found = findCommand(words);
  if (typeof found === 'number') return found;
  const { path, entry, rest } = found;
  const command = await entry.load();
  if (!('execute' in command)) return runCommander(command, { path, rest, failureCode: entry.failureCode ?? 125 });
  try {
    return await command.execute(rest, { path, host });
  } catch (error) {
    return reportFailure(error, { path, failureCode: command.failureCode, command });
  }
}

interface Found {
  readonly path: string;
  readonly entry: Extract<CommandEntry, { load: unknown }>;
  readonly rest: readonly string[];
}

/** Walks down the groups: `container ls -a` is the entry `ls` of the group `container`. A number: nothing to run, the exit code. */
function findCommand(words: readonly string[]): Found | number {
  let table = commandTable;
  for (let depth = 0; ; depth++) {
    const name = words[depth];
    const path = words.slice(0, depth + 1).join(' ');
    const entry = name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
    if (entry === undefined) return unknownCommand(words.slice(0, depth + 1));
    if ('load' in entry) return { path, entry, rest: words.slice(depth + 1) };
    const next = words[depth + 1];
    if (next === undefined || next === '--help' || next === '-h') return printGroupHelp(path, entry);
    table = entry.commands;
  }
}

function unknownCommand(words: readonly string[]): number {
  const group = words.slice(0, -1).join(' ');
  const help = group === '' ? 'windowbox --help' : `windowbox ${group} --help`;
  const name =
    group === '' ? `'${words.join(' ')}' is not a windowbox command.` : `unknown command: "${words.join(' ')}"`;
  printError(`windowbox: ${name}\nSee '${help}'\n`);
  return 125;
}

interface Failure {
  readonly path: string;
  readonly failureCode: number;
  readonly command?: CommandDefinition;
}

function reportFailure(error: unknown, { path, failureCode, command }: Failure): number {
  const help = `See 'windowbox ${path === '' ? '' : `${path} `}--help'.`;
  if (isUsageError(error)) {
    const usage = command === undefined ? '' : `\nUsage:  windowbox ${path} ${command.usage}\n\n${command.summary}\n`;
    printError(`${error.message}\n${help}\n${error.exitCode === 1 ? usage : ''}`);
    return error.exitCode;
  }
  if (!isFailure(error)) throw error;
  const prefix = failureCode === 125 ? 'windowbox: ' : '';
  printError(`${prefix}${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
  return failureCode;
}
