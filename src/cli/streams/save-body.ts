import type { IncomingMessage } from 'node:http';
import { isatty } from 'node:tty';
import { WindowboxError } from '../../errors/index.js';
import { writeFully } from './write-fully.js';

/** Refuses to write an archive to a terminal, in Docker's words for this act. */
export function refuseTerminal(output: string | undefined, act: 'save' | 'export'): void {
  if (output === undefined && isatty(1))
    throw new WindowboxError(
      'invalid-argument',
      `cowardly refusing to ${act} to a terminal. Use the -o flag or redirect`,
    );
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
