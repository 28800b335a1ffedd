import { isErrorCode } from '../../errors/index.js';
import { forEachTarget } from '../containers/for-each.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { printError } from '../streams/print.js';

export function makeRmCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove one or more containers',
    usage: '[OPTIONS] CONTAINER [CONTAINER...]',
    examples: [{ about: 'Also while it runs, with its unnamed volumes', line: 'windowbox rm -fv web' }],
    flags: {
      force: { kind: 'bool', short: 'f', help: 'Force the removal of a running container' },
      link: { kind: 'bool', short: 'l', help: 'Remove the specified link' },
      volumes: { kind: 'bool', short: 'v', help: 'Remove anonymous volumes associated with the container' },
    },
    takes: { atLeast: 1 },
    run: async ({ args, flags, client }) =>
      forEachTarget(args, async (name) => {
        try {
          await client().json({
            method: 'DELETE',
            path: `/containers/${encodeURIComponent(name.replace(/^\//u, ''))}`,
            query: {
              force: flags.isOn('force') ? 1 : undefined,
              v: flags.isOn('volumes') ? 1 : undefined,
              link: flags.isOn('link') ? 1 : undefined,
            },
          });
        } catch (error) {
          // As Docker: with --force, one that is not there is said and is no failure.
          if (!flags.isOn('force') || !isErrorCode(error, 'not-found')) throw error;
          printError(`${error.message}\n`);
          return undefined;
        }
        return name;
      }),
  });
}
