import type { TopShape } from '../../docker-api/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { alignTabs } from '../format/tab-writer.js';
import { print } from '../streams/print.js';

export function makeTopCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Display the running processes of a container',
    usage: 'CONTAINER [ps OPTIONS]',
    examples: [{ about: 'The Windows processes in it', line: 'windowbox top web' }],
    flags: {},
    takes: { atLeast: 1 },
    stopAtFirstArgument: true,
    run: async ({ args, client }) => {
      const [name = '', ...psArguments] = args;
      const { Titles, Processes } = await client().json<TopShape>({
        method: 'GET',
        path: `/containers/${encodeURIComponent(name)}/top`,
        query: { ps_args: psArguments.length === 0 ? undefined : psArguments.join(' ') },
      });
      const rows = [Titles, ...(Processes ?? [])].map((cells) => cells.join('\t'));
      print(alignTabs(rows, { minimum: 20 }));
      return 0;
    },
  });
}
