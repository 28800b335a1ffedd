import type { Client } from '../connection/client.js';
import { attachAndStart } from '../containers/attach-and-start.js';
import { startContainer } from '../containers/start-container.js';
import { forEachTarget } from '../containers/for-each.js';
import { inspectContainer } from '../containers/inspect-container.js';
import { type CommandDefinition, type CommandInput, defineCommand } from '../define/command.js';
import type { FlagTable } from '../define/flag.js';
import { WindowboxError } from '../../errors/index.js';

const startFlags = {
  attach: { kind: 'bool', short: 'a', help: 'Attach STDOUT/STDERR and forward signals' },
  'detach-keys': { kind: 'string', help: 'Override the key sequence for detaching a container' },
  interactive: { kind: 'bool', short: 'i', help: "Attach container's STDIN" },
} as const satisfies FlagTable;

export function makeStartCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Start one or more stopped containers',
    usage: '[OPTIONS] CONTAINER [CONTAINER...]',
    details: 'With --attach the exit code is the program’s, as for "run".',
    examples: [
      { about: 'Start two', line: 'windowbox start web db' },
      { about: 'Start, see its output, and end with its exit code', line: 'windowbox start -a job' },
    ],
    flags: startFlags,
    takes: { atLeast: 1 },
    run: async ({ flags, args, client }) => {
      if (flags.isOn('attach') || flags.isOn('interactive')) return startAttached(client(), args, flags);
      return forEachTarget(args, async (name) => {
        await startContainer(client(), name);
        return name;
      });
    },
  });
}

async function startAttached(
  client: Client,
  names: readonly string[],
  flags: CommandInput<typeof startFlags>['flags'],
): Promise<number> {
  const [name, second] = names;
  if (name === undefined || second !== undefined)
    throw new WindowboxError('invalid-argument', 'you cannot start and attach multiple containers at once');
  const { Id, Config, HostConfig } = await inspectContainer(client, name);
  return attachAndStart(client, {
    id: Id,
    terminal: Config.Tty,
    stdin: flags.isOn('interactive') && Config.OpenStdin,
    stdout: true,
    stderr: true,
    detachKeys: flags.text('detach-keys'),
    proxySignals: !Config.Tty,
    removedAtEnd: HostConfig.AutoRemove,
  });
}
