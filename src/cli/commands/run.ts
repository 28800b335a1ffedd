import { isErrorCode, WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { attachAndStart, reportFailedStart } from '../containers/attach-and-start.js';
import { startContainer } from '../containers/start-container.js';
import { createContainer } from '../containers/create-container.js';
import { createBody } from '../create/create-body.js';
import { createFlags } from '../create/create-flags.js';
import { type CommandDefinition, type CommandInput, defineCommand } from '../define/command.js';
import type { FlagTable } from '../define/flag.js';
import { readDetachKeys } from '../streams/detach-keys.js';
import { print } from '../streams/print.js';

const runFlags = {
  ...createFlags,
  detach: { kind: 'bool', short: 'd', help: 'Run container in background and print container ID' },
  'sig-proxy': { kind: 'bool', on: true, help: 'Proxy received signals to the process' },
} as const satisfies FlagTable;

export function makeRunCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Create and run a new container from an image',
    usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
    details: [
      'Flags of Windowbox stand before IMAGE; all that follows belongs to the program.',
      '',
      'Exit code: the program’s, as Linux keeps it: the low 8 bits (0xC0000135 shows as 53; a code like 256, whose low',
      'bits are 0, shows as 255). "inspect" and "wait" give all 32 bits. 125: Windowbox failed, 126: the program cannot',
      'be run, 127: no such program.',
    ].join('\n'),
    examples: [
      {
        about: 'Show which Windows the image is',
        line: 'windowbox run --rm mcr.microsoft.com/windows/nanoserver:ltsc2025 cmd /c ver',
      },
      { about: 'Work in a terminal', line: 'windowbox run -it --rm mcr.microsoft.com/windows/servercore:ltsc2022' },
      {
        about: 'Run a server on port 8080 of this machine, with a folder of it',
        line: 'windowbox run -d --name web -p 8080:80 -v /srv/www:C:\\www:ro my/web:1',
      },
      { about: 'Give it a kernel of its own', line: 'windowbox run --rm --isolation=hyperv my/app:1' },
    ],
    flags: runFlags,
    takes: { atLeast: 1 },
    stopAtFirstArgument: true,
    failureCode: 125,
    run: async (input) => {
      const [image = '', ...command] = input.args;
      const { flags } = input;
      const body = createBody({ flags, image, command, detach: flags.isOn('detach'), env: process.env });
      if (body.AttachStdin && body.Tty && !process.stdin.isTTY)
        throw new WindowboxError('invalid-argument', 'the input device is not a TTY');
      readDetachKeys(flags.text('detach-keys'));
      const client = input.client();
      const id = await createContainer(client, flags, { ...body, Image: image });
      return startCreated(client, { id, body, flags });
    },
  });
}

/** Starts it, attached or not. One that did not start and should be gone at its end is removed here: it has no end. */
async function startCreated(client: Client, start: Start): Promise<number> {
  const { id, body, flags } = start;
  try {
    if (!flags.isOn('detach'))
      return await attachAndStart(client, {
        id,
        terminal: body.Tty,
        stdin: body.AttachStdin,
        stdout: body.AttachStdout,
        stderr: body.AttachStderr,
        detachKeys: flags.text('detach-keys'),
        proxySignals: flags.isOn('sig-proxy') && !body.Tty,
        removedAtEnd: flags.isOn('rm'),
      });
    await startContainer(client, id);
    print(`${id}\n`);
    return 0;
  } catch (error) {
    const exitCode = reportFailedStart(error);
    if (flags.isOn('rm')) await removeQuietly(client, id);
    return exitCode;
  }
}

interface Start {
  readonly id: string;
  readonly body: ReturnType<typeof createBody>;
  readonly flags: CommandInput<typeof runFlags>['flags'];
}

async function removeQuietly(client: Client, id: string): Promise<void> {
  try {
    await client.json({ method: 'DELETE', path: `/containers/${id}`, query: { v: 1, force: 1 } });
  } catch (error) {
    // Gone already, or going: the daemon removes it too.
    if (!isErrorCode(error, 'not-found') && !isErrorCode(error, 'conflict')) throw error;
  }
}
