import type { DeletedImage } from '../../docker-api/index.js';
import { isErrorCode } from '../../errors/index.js';
import { forEachTarget } from '../containers/for-each.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { imagePath } from '../images/split-name.js';
import { printError } from '../streams/print.js';

export function makeRmiCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove one or more images',
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    examples: [{ about: 'One name of it; the image goes with its last name', line: 'windowbox rmi my/app:1' }],
    flags: {
      force: { kind: 'bool', short: 'f', help: 'Force removal of the image' },
      'no-prune': { kind: 'bool', help: 'Do not delete untagged parents' },
    },
    takes: { atLeast: 1 },
    run: async ({ args, flags, client }) =>
      forEachTarget(args, async (name) => {
        const query = { force: flags.isOn('force') ? 1 : undefined, noprune: flags.isOn('no-prune') ? 1 : undefined };
        try {
          const removed = await client().json<readonly DeletedImage[]>({
            method: 'DELETE',
            path: imagePath(name, ''),
            query,
          });
          return removed
            .map((item) => ('Untagged' in item ? `Untagged: ${item.Untagged}` : `Deleted: ${item.Deleted}`))
            .join('\n');
        } catch (error) {
          if (!flags.isOn('force') || !isErrorCode(error, 'not-found')) throw error;
          // As Docker: it is told, and is no failure.
          printError(`${error.message}\n`);
          return undefined;
        }
      }),
  });
}
