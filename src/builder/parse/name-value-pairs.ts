import { WindowboxError } from '../../errors/index.js';
import { type ExpandOptions, expandWord, splitWords } from './expand-words.js';

/**
 * Reads `ENV` and `LABEL`: `a=b c="d e"`, or the old form with one name and the rest of the line.
 *
 * @throws WindowboxError `invalid-argument` with Docker's text.
 */
export function readPairs(rest: string, instruction: string, options: ExpandOptions): [string, string][] {
  const words = splitWords(rest, options.escape);
  const first = words[0] ?? '';
  if (!first.includes('=')) {
    const [, name = '', value = ''] = /^(\S+)\s+([^]+)$/u.exec(rest) ?? [];
    if (name === '') throw new WindowboxError('invalid-argument', `${instruction} must have two arguments`);
    return [[expandWord(name, options), expandWord(value, options)]];
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at < 0)
      throw new WindowboxError(
        'invalid-argument',
        `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      );
    const name = expandWord(word.slice(0, at), options);
    if (name === '') throw new WindowboxError('invalid-argument', `${instruction} names can not be blank`);
    return [name, expandWord(word.slice(at + 1), options)];
  });
}
