import { type CommandDefinition, defineCommand } from '../define/command.js';
import { imagePath, splitName } from '../images/split-name.js';

export function makeTagCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    examples: [{ about: 'Name it for a registry', line: 'windowbox tag my/app:1 registry.example.com/my/app:1' }],
    flags: {},
    takes: { exactly: 2 },
    run: async ({ args, client }) => {
      const [source = '', target = ''] = args;
      const { repository, tag } = splitName(target);
      await client().json({ method: 'POST', path: imagePath(source, 'tag'), query: { repo: repository, tag } });
      return 0;
    },
  });
}
