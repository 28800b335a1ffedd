import { containerPath, simpleCommand } from '../containers/simple-command.js';
import type { CommandDefinition } from '../define/command.js';

export function makeKillCommand(): CommandDefinition {
  return simpleCommand({
    summary: 'Kill one or more running containers',
    usage: '[OPTIONS] CONTAINER [CONTAINER...]',
    examples: [
      { about: 'End it at once', line: 'windowbox kill web' },
      { about: 'Send it what Ctrl-C sends', line: 'windowbox kill -s SIGINT web' },
    ],
    flags: { signal: { kind: 'string', short: 's', help: 'Signal to send to the container', shownDefault: 'KILL' } },
    request: (name, flags) => ({
      method: 'POST',
      path: containerPath(name, 'kill'),
      query: { signal: flags.text('signal') ?? 'KILL' },
    }),
  });
}
