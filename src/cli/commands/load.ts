import { isatty } from 'node:tty';
import { WindowboxError } from '../../errors/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { openArchive } from '../streams/open-archive.js';
import { showProgress } from '../streams/show-progress.js';

export function makeLoadCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Load an image from a tar archive or STDIN',
    usage: '[OPTIONS]',
    examples: [{ about: 'What "save" wrote', line: 'windowbox load -i app.tar' }],
    flags: {
      input: { kind: 'string', short: 'i', help: 'Read from tar archive file, instead of STDIN' },
      quiet: { kind: 'bool', short: 'q', help: 'Suppress the load output' },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const input = flags.text('input');
      if (input === undefined && isatty(0))
        throw new WindowboxError('invalid-argument', 'requested load from stdin, but stdin is empty');
      const response = await client().send({
        method: 'POST',
        path: '/images/load',
        query: { quiet: flags.isOn('quiet') || !isatty(1) ? 1 : 0 },
        upload: input === undefined ? process.stdin : openArchive(input),
      });
      await showProgress(response, { to: 'stdout', terminal: isatty(1) });
      return 0;
    },
  });
}
