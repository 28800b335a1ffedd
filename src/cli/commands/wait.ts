import { forEachTarget } from '../containers/for-each.js';
import { waitForExit } from '../containers/wait-for-exit.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';

export function makeWaitCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Block until one or more containers stop, then print their exit codes',
    usage: 'CONTAINER [CONTAINER...]',
    details: 'Prints all 32 bits of an exit code: 3221225781 is 0xC0000135.',
    examples: [{ about: 'Wait for a job', line: 'windowbox wait job' }],
    flags: {},
    takes: { atLeast: 1 },
    run: async ({ args, client }) =>
      forEachTarget(args, async (name) => {
        const { code } = await waitForExit(client(), encodeURIComponent(name), 'not-running');
        return String(await code);
      }),
  });
}
