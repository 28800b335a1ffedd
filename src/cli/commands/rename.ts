import { type CommandDefinition, defineCommand } from '../define/command.js';

export function makeRenameCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Rename a container',
    usage: 'CONTAINER NEW_NAME',
    examples: [{ about: 'Give it another name', line: 'windowbox rename web old-web' }],
    flags: {},
    takes: { exactly: 2 },
    run: async ({ args, client }) => {
      const [name = '', next = ''] = args;
      await client().json({
        method: 'POST',
        path: `/containers/${encodeURIComponent(name)}/rename`,
        query: { name: next },
      });
      return 0;
    },
  });
}
