import { WindowboxError } from '../../errors/index.js';
import { copyFromContainer } from '../copy/copy-from-container.js';
import { copyToContainer } from '../copy/copy-to-container.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { parseCopyArgument } from '../parse/copy-argument.js';

export function makeCpCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Copy files/folders between a container and the local filesystem',
    usage: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n       windowbox cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
    details: 'A path in a container is a Windows path. "SRC_PATH/." copies what is in a folder and not the folder.',
    examples: [
      { about: 'Out of it', line: 'windowbox cp web:C:\\logs ./logs' },
      { about: 'Into it', line: 'windowbox cp ./site/. web:C:\\www' },
    ],
    flags: {
      archive: { kind: 'bool', short: 'a', help: 'No effect: files of Windows have no uid and gid' },
      'follow-link': { kind: 'bool', short: 'L', help: 'Always follow symbol link in SRC_PATH' },
      quiet: { kind: 'bool', short: 'q', help: 'Suppress progress output during copy' },
    },
    takes: { exactly: 2 },
    run: async ({ args, flags, client }) => {
      const [source, target] = [parseCopyArgument(args[0] ?? ''), parseCopyArgument(args[1] ?? '')];
      if (source.kind === 'container' && target.kind === 'container')
        throw new WindowboxError('unsupported', 'copying between containers is not supported');
      if (source.kind === 'container' && target.kind !== 'container') {
        await copyFromContainer(client(), source, target);
      } else if (target.kind === 'container' && source.kind !== 'container') {
        await copyToContainer(client(), source, { ...target, followLink: flags.isOn('follow-link') });
      } else {
        throw new WindowboxError('invalid-argument', 'must specify at least one container source');
      }
      return 0;
    },
  });
}
