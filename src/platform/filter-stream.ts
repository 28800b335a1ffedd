import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { WindowboxError } from '../errors/index.js';

/**
 * Sends a stream through a program's stdin and gives what it writes, with back-pressure on both sides. The program ends with the
 * stream: when it is not read to its end, the program is killed.
 *
 * @throws WindowboxError (while reading) `not-found` when there is no such program, `invalid-argument` when it exits with another code
 * than 0; the message carries its stderr.
 */
export async function* filterThrough(
  file: string,
  args: readonly string[],
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-2000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) => {
      reject(new WindowboxError('not-found', `Cannot run "${file}": ${cause.message}`, { cause }));
    });
    child.on('close', resolve);
  });
  ended.catch(() => {});
  let failure: Error | undefined;
  pipeline(Readable.from(source), child.stdin).catch((error: unknown) => {
    // A program that refuses its input closes it: then its exit code tells more than the broken pipe.
    failure = error instanceof Error ? error : new Error(String(error));
    child.stdin.destroy();
  });
  try {
    for await (const chunk of child.stdout) if (chunk instanceof Uint8Array) yield chunk;
    const code = await ended;
    if (code !== 0)
      throw new WindowboxError(
        'invalid-argument',
        `Cannot run "${file}": ${said.trim() || `exit code ${String(code)}`}`,
      );
    if (failure) throw failure;
  } finally {
    child.kill('SIGKILL');
  }
}
