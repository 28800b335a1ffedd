import { WindowboxError } from '../../errors/index.js';
import { attach } from '../containers/attach-and-start.js';
import { processExitCode } from '../containers/exit-code.js';
import { type InspectedContainer, inspectContainer } from '../containers/inspect-container.js';
import { waitForExit } from '../containers/wait-for-exit.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { readDetachKeys } from '../streams/detach-keys.js';
import { printError } from '../streams/print.js';
import { proxySignals } from '../streams/proxy-signals.js';
import { openSession } from '../streams/session.js';
import { followTerminalSize } from '../streams/terminal-size.js';

export function makeAttachCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Attach local standard input, output, and error streams to a running container',
    usage: '[OPTIONS] CONTAINER',
    details: 'Ctrl-C goes to the program; Ctrl-P Ctrl-Q leaves it running. Exit code: the program’s, as for "run".',
    examples: [{ about: 'Come back to a terminal', line: 'windowbox attach shell' }],
    flags: {
      'detach-keys': { kind: 'string', help: 'Override the key sequence for detaching a container' },
      'no-stdin': { kind: 'bool', help: 'Do not attach STDIN' },
      'sig-proxy': { kind: 'bool', on: true, help: 'Proxy all received signals to the process' },
    },
    takes: { exactly: 1 },
    run: async ({ flags, args, client: open }) => {
      const client = open();
      const detachKeys = readDetachKeys(flags.text('detach-keys'));
      const container = await inspectContainer(client, args[0] ?? '');
      refuseUnlessRunning(container);
      const { Id: id, Config } = container;
      const stdin = !flags.isOn('no-stdin') && Config.OpenStdin;
      if (stdin && Config.Tty && !process.stdin.isTTY)
        throw new WindowboxError('invalid-argument', 'the input device is not a TTY');
      const [socket, exit] = await Promise.all([
        attach(client, { id, stdin, stdout: true, stderr: true, detachKeys: flags.text('detach-keys') }),
        waitForExit(client, id, 'not-running'),
      ]);
      const stopProxy = flags.isOn('sig-proxy') && !Config.Tty ? proxySignals(client, id) : undefined;
      const session = openSession(socket, { terminal: Config.Tty, stdin, detachKeys });
      const stopSize = Config.Tty ? followTerminalSize(client, `/containers/${id}`) : undefined;
      try {
        if ((await session.ended) === 'output-ended') return processExitCode(await exit.code);
        printError('read escape sequence\n');
        return 1;
      } finally {
        stopSize?.();
        stopProxy?.();
        session.close();
      }
    },
  });
}

function refuseUnlessRunning({ State }: InspectedContainer): void {
  const refuse = (message: string): WindowboxError => new WindowboxError('conflict', message);
  if (!State.Running) throw refuse('You cannot attach to a stopped container, start it first');
  if (State.Paused) throw refuse('You cannot attach to a paused container, unpause it first');
  if (State.Restarting) throw refuse('You cannot attach to a restarting container, wait until it is running');
}
