import { containerPath, simpleCommand } from '../containers/simple-command.js';
import type { CommandDefinition } from '../define/command.js';
import type { FlagTable } from '../define/flag.js';

const stopFlags = {
  signal: { kind: 'string', short: 's', help: 'Signal to send to the container' },
  timeout: { kind: 'int', short: 't', help: 'Seconds to wait before killing the container' },
  time: { kind: 'int', hidden: true, help: 'Seconds to wait before killing the container' },
} as const satisfies FlagTable;

export function makeStopCommand(): CommandDefinition {
  return simpleCommand({
    summary: 'Stop one or more running containers',
    usage: '[OPTIONS] CONTAINER [CONTAINER...]',
    details:
      'The program gets a shutdown event, as Windows sends it, and is ended when it has not ended by itself in time.',
    examples: [{ about: 'Give it two seconds', line: 'windowbox stop -t 2 web' }],
    flags: stopFlags,
    request: (name, flags) => ({
      method: 'POST',
      path: containerPath(name, 'stop'),
      query: { signal: flags.text('signal'), t: flags.number('timeout') ?? flags.number('time') },
    }),
  });
}

export function makeRestartCommand(): CommandDefinition {
  return simpleCommand({
    summary: 'Restart one or more containers',
    usage: '[OPTIONS] CONTAINER [CONTAINER...]',
    examples: [{ about: 'Stop and start again', line: 'windowbox restart web' }],
    flags: stopFlags,
    request: (name, flags) => ({
      method: 'POST',
      path: containerPath(name, 'restart'),
      query: { signal: flags.text('signal'), t: flags.number('timeout') ?? flags.number('time') },
    }),
  });
}
