import { lstatSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { isatty } from 'node:tty';
import { describeError, isErrno, WindowboxError } from '../../errors/index.js';
import { writeFully } from './write-fully.js';

/**
 * Refuses where no archive can be written, in Docker's words and before anything is asked for: a terminal, and what is there and is no file. The
 * archive takes the place of what has its name, which a device must never lose.
 */
export function refuseOutput(output: string | undefined, act: 'save' | 'export'): void {
  if (output === undefined && isatty(1))
    throw new WindowboxError(
      'invalid-argument',
      `cowardly refusing to ${act} to a terminal. Use the -o flag or redirect`,
    );
  const reason = output === undefined ? undefined : (withoutFolder(output) ?? noFile(output));
  if (reason !== undefined) throw new WindowboxError('invalid-argument', `failed to ${what[act]}: ${reason}`);
}

function withoutFolder(output: string): string | undefined {
  const folder = dirname(output);
  try {
    if (statSync(folder).isDirectory()) return undefined;
    return `invalid output path: stat ${folder}: not a directory`;
  } catch (error) {
    return `invalid output path: stat ${folder}: ${isErrno(error, 'ENOENT') ? 'no such file or directory' : describeError(error)}`;
  }
}

function noFile(output: string): string | undefined {
  const stats = lstatSync(output, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'cannot write to a directory';
  if (stats.isSymbolicLink()) return 'cannot write to a symbolic link directly';
  if (stats.isCharacterDevice()) return 'cannot write to a character device file';
  if (stats.isBlockDevice()) return 'cannot write to a block device file';
  return stats.isFIFO() ? 'cannot write to a named pipe (FIFO)' : 'cannot write to a socket';
}

/** Writes a body to a file, which is there only when it is whole, or to standard output. */
export async function saveBody(response: IncomingMessage, output: string | undefined): Promise<void> {
  if (output === undefined) {
    for await (const chunk of response) await writeFully(1, Buffer.from(chunk));
    return;
  }
  const [{ createWriteStream }, { rename, rm }, { pipeline }] = await Promise.all([
    import('node:fs'),
    import('node:fs/promises'),
    import('node:stream/promises'),
  ]);
  const temporary = `${output}.${String(process.pid)}.tmp`;
  try {
    await pipeline(response, createWriteStream(temporary, { flags: 'wx', mode: 0o600 }));
    await rename(temporary, output);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const what = { save: 'save image', export: 'export container' } as const;
