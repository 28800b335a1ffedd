import { isatty } from 'node:tty';
import { WindowboxError } from '../../errors/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { registryAuth } from '../images/registry-auth.js';
import { imagePath, splitName } from '../images/split-name.js';
import { print } from '../streams/print.js';
import { showProgress } from '../streams/show-progress.js';

export function makePushCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Upload an image to a registry',
    usage: '[OPTIONS] NAME[:TAG]',
    examples: [{ about: 'To the registry in its name', line: 'windowbox push registry.example.com/my/app:1' }],
    flags: {
      'all-tags': { kind: 'bool', short: 'a', help: 'Push all tags of an image to the repository' },
      'disable-content-trust': { kind: 'bool', hidden: true, on: true, help: 'Skip image signing' },
      quiet: { kind: 'bool', short: 'q', help: 'Suppress verbose output' },
    },
    takes: { exactly: 1 },
    run: async ({ args, flags, client }) => {
      const [image = ''] = args;
      const { repository, tag } = splitName(image);
      const allTags = flags.isOn('all-tags');
      if (allTags && tag !== undefined)
        throw new WindowboxError('invalid-argument', "tag can't be used with --all-tags/-a");
      const quiet = flags.isOn('quiet');
      if (!allTags && tag === undefined && !quiet) print('Using default tag: latest\n');
      const response = await client().send({
        method: 'POST',
        path: imagePath(repository, 'push'),
        query: { tag: allTags ? undefined : (tag ?? 'latest') },
        headers: { 'x-registry-auth': 'e30=', ...(await registryAuth(image)) },
      });
      await showProgress(response, { to: 'stdout', terminal: isatty(1), quiet });
      if (quiet) print(`${image}\n`);
      return 0;
    },
  });
}
