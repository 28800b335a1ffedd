import { WindowboxError } from '../../errors/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { pullImage, splitReference } from '../images/pull-image.js';
import { splitName } from '../images/split-name.js';
import { print } from '../streams/print.js';

export function makePullCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Download an image from a registry',
    usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
    details: 'Microsoft’s base images are not downloaded: Windowbox’s own base of that build stands in for them.',
    examples: [{ about: 'The one that fits the host', line: 'windowbox pull registry.example.com/my/app:1' }],
    flags: {
      'all-tags': { kind: 'bool', short: 'a', help: 'Download all tagged images in the repository' },
      'disable-content-trust': { kind: 'bool', hidden: true, on: true, help: 'Skip image verification' },
      platform: { kind: 'string', help: 'Set platform, for example windows/amd64' },
      quiet: { kind: 'bool', short: 'q', help: 'Suppress verbose output' },
    },
    takes: { exactly: 1 },
    run: async ({ args, flags, client }) => {
      const [image = ''] = args;
      const allTags = flags.isOn('all-tags');
      if (allTags && (splitName(image).tag !== undefined || image.includes('@')))
        throw new WindowboxError('invalid-argument', "tag can't be used with --all-tags/-a");
      const { name, tag } = splitReference(image);
      const quiet = flags.isOn('quiet');
      if (!allTags && !quiet && tag === 'latest' && splitName(image).tag === undefined && !image.includes('@'))
        print('Using default tag: latest\n');
      await pullImage(client(), { image, platform: flags.text('platform'), quiet, to: 'stdout', allTags });
      const version = allTags ? '' : `${tag.includes(':') ? '@' : ':'}${tag}`;
      print(`${fullName(name)}${version}\n`);
      return 0;
    },
  });
}

/** As Docker names what it pulled: with the registry, and `library/` for Docker's own. */
function fullName(name: string): string {
  const [first = ''] = name.split('/');
  if (name.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost')) return name;
  return name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`;
}
