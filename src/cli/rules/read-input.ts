import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { isErrno, WindowboxError } from '../../errors/index.js';

/** True for `-` and for what looks like a file, not like a name: it has a slash and no registry before it, or ends in a known suffix. */
export function isInput(word: string): boolean {
  return word === '-' || /^(?:\.{0,2}\/|~\/)/u.test(word) || /\.(?:json|jsonl|txt|list)$/iu.test(word);
}

/**
 * The text of a file, or of standard input for `-`.
 *
 * @throws WindowboxError `not-found`, `invalid-argument` when standard input is a terminal or the file cannot be read.
 */
export async function readInput(word: string): Promise<string> {
  if (word === '-') return readStandardInput();
  try {
    return await readFile(word, 'utf8');
  } catch (cause) {
    if (isErrno(cause, 'ENOENT'))
      throw new WindowboxError('not-found', `Cannot read "${word}": no such file`, { cause });
    throw new WindowboxError('invalid-argument', `Cannot read "${word}": ${String(cause)}`, { cause });
  }
}

async function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY)
    throw new WindowboxError('invalid-argument', 'Cannot read standard input: it is a terminal', {
      hint: 'Pipe something into it: docker image inspect IMAGE | windowbox check -',
    });
  return text(process.stdin);
}
