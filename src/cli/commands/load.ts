import { createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { describeError, isErrno, WindowboxError } from '../../errors/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
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
      if (input !== undefined) await checkReadable(input);
      const response = await client().send({
        method: 'POST',
        path: '/images/load',
        query: { quiet: flags.isOn('quiet') || !isatty(1) ? 1 : 0 },
        upload: input === undefined ? process.stdin : createReadStream(input),
      });
      await showProgress(response, { to: 'stdout', terminal: isatty(1) });
      return 0;
    },
  });
}

async function checkReadable(path: string): Promise<void> {
  try {
    await access(path);
    if ((await stat(path)).isDirectory())
      throw new WindowboxError('invalid-argument', `read ${path}: is a directory`, {
        hint: 'It is to be an archive, as "save" writes it.',
      });
  } catch (cause) {
    if (cause instanceof WindowboxError) throw cause;
    const reason = isErrno(cause, 'ENOENT') ? 'no such file or directory' : describeError(cause);
    throw new WindowboxError('not-found', `open ${path}: ${reason}`, { cause });
  }
}
