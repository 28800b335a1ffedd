import { isatty } from 'node:tty';
import type { ApiRequest } from '../connection/client.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { splitName } from '../images/split-name.js';
import { openArchive } from '../streams/open-archive.js';
import { showProgress } from '../streams/show-progress.js';

export function makeImportCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Import the contents from a tarball to create a filesystem image',
    usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
    examples: [{ about: 'An image of what "export" wrote', line: 'windowbox import drive.tar my/drive:1' }],
    flags: {
      change: { kind: 'list', short: 'c', help: 'Apply Dockerfile instruction to the created image' },
      message: { kind: 'string', short: 'm', help: 'Set commit message for imported image' },
      platform: { kind: 'string', help: 'Set platform, for example windows/amd64' },
    },
    takes: { atLeast: 1, atMost: 2 },
    run: async ({ args, flags, client }) => {
      const [source = '', reference = ''] = args;
      const { repository, tag } = splitName(reference);
      const response = await client().send({
        method: 'POST',
        path: '/images/create',
        query: {
          fromSrc: isUrl(source) ? source : '-',
          repo: repository,
          tag,
          message: flags.text('message'),
          changes: flags.all('change'),
          platform: flags.text('platform'),
        },
        ...uploadOf(source),
      });
      await showProgress(response, { to: 'stdout', terminal: isatty(1) });
      return 0;
    },
  });
}

function uploadOf(source: string): Pick<ApiRequest, 'upload'> {
  if (source === '-') return { upload: process.stdin };
  if (isUrl(source)) return {};
  return { upload: openArchive(source) };
}

function isUrl(source: string): boolean {
  return /^https?:\/\//u.test(source);
}
