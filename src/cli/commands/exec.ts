import { WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { processExitCode, startFailureCode } from '../containers/exit-code.js';
import { checkEnv } from '../create/check-values.js';
import { type CommandDefinition, type CommandInput, defineCommand } from '../define/command.js';
import type { FlagTable } from '../define/flag.js';
import { inheritVariables, readPairsFile } from '../parse/env-file.js';
import { readDetachKeys } from '../streams/detach-keys.js';
import { printError } from '../streams/print.js';
import { openSession } from '../streams/session.js';
import { consoleSize, followTerminalSize } from '../streams/terminal-size.js';

const execFlags = {
  detach: { kind: 'bool', short: 'd', help: 'Detached mode: run command in the background' },
  'detach-keys': { kind: 'string', help: 'Override the key sequence for detaching a container' },
  env: { kind: 'list', short: 'e', help: 'Set environment variables', check: checkEnv },
  'env-file': { kind: 'list', help: 'Read in a file of environment variables' },
  interactive: { kind: 'bool', short: 'i', help: 'Keep STDIN open even if not attached' },
  privileged: { kind: 'bool', hidden: true, help: 'Give extended privileges to the command' },
  tty: { kind: 'bool', short: 't', help: 'Allocate a pseudo-TTY' },
  user: { kind: 'string', short: 'u', help: 'Username: ContainerUser or ContainerAdministrator' },
  workdir: { kind: 'string', short: 'w', help: 'Working directory inside the container' },
} as const satisfies FlagTable;

export function makeExecCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Execute a command in a running container',
    usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
    details:
      'Exit code: the program’s, as for "run"; 126: it cannot be run, 127: no such program, 1: Windowbox failed.',
    examples: [
      { about: 'A shell in a running container', line: 'windowbox exec -it web cmd' },
      {
        about: 'As administrator, in another folder',
        line: 'windowbox exec -u ContainerAdministrator -w C:\\app web cmd /c dir',
      },
    ],
    flags: execFlags,
    takes: { atLeast: 2 },
    stopAtFirstArgument: true,
    run: async ({ flags, args, client }) => {
      const [container = '', ...command] = args;
      const { Id } = await client().json<{ Id: string }>({
        method: 'POST',
        path: `/containers/${encodeURIComponent(container)}/exec`,
        body: execBody(flags, command),
      });
      try {
        return flags.isOn('detach') ? await startDetached(client(), Id, flags) : await runAttached(client(), Id, flags);
      } catch (error) {
        return reportFailure(error);
      }
    },
  });
}

type ExecFlags = CommandInput<typeof execFlags>['flags'];

function execBody(flags: ExecFlags, command: readonly string[]): Record<string, unknown> {
  const attached = !flags.isOn('detach');
  if (attached && flags.isOn('interactive') && flags.isOn('tty') && !process.stdin.isTTY)
    throw new WindowboxError('invalid-argument', 'the input device is not a TTY');
  const fromFiles = flags.all('env-file').flatMap((path) => readPairsFile(path, process.env));
  return {
    User: flags.text('user') ?? '',
    Privileged: flags.isOn('privileged'),
    Tty: flags.isOn('tty'),
    AttachStdin: attached && flags.isOn('interactive'),
    AttachStdout: attached,
    AttachStderr: attached,
    Detach: !attached,
    DetachKeys: flags.text('detach-keys') ?? '',
    Env: [...fromFiles, ...inheritVariables(flags.all('env'), process.env)],
    WorkingDir: flags.text('workdir') ?? '',
    Cmd: command,
  };
}

async function startDetached(client: Client, id: string, flags: ExecFlags): Promise<number> {
  await client.json({ method: 'POST', path: `/exec/${id}/start`, body: { Detach: true, Tty: flags.isOn('tty') } });
  return 0;
}

async function runAttached(client: Client, id: string, flags: ExecFlags): Promise<number> {
  const terminal = flags.isOn('tty');
  const detachKeys = readDetachKeys(flags.text('detach-keys'));
  const size = terminal ? consoleSize() : undefined;
  const socket = await client.hijack({
    method: 'POST',
    path: `/exec/${id}/start`,
    body: { Detach: false, Tty: terminal, ...(size === undefined ? {} : { ConsoleSize: size }) },
  });
  const session = openSession(socket, { terminal, stdin: flags.isOn('interactive'), detachKeys });
  const stopSize = terminal ? followTerminalSize(client, `/exec/${id}`) : undefined;
  try {
    if ((await session.ended) === 'detached') return 0;
  } finally {
    stopSize?.();
    session.close();
  }
  const { ExitCode } = await client.json<{ ExitCode: number | null }>({ method: 'GET', path: `/exec/${id}/json` });
  return processExitCode(ExitCode ?? 0);
}

function reportFailure(error: unknown): number {
  if (!(error instanceof WindowboxError)) throw error;
  const exitCode = startFailureCode(error);
  if (exitCode === 125) throw error;
  printError(`${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
  return exitCode;
}
