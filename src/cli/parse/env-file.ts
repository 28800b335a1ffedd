import { readFileSync } from 'node:fs';
import { describeError, isErrno, WindowboxError } from '../../errors/index.js';

/**
 * Reads `--env-file` or `--label-file`: a line `NAME=value`, or `NAME` alone, which takes our own environment's value where it
 * has one. `#` starts a comment line; nothing is unquoted.
 *
 * @throws WindowboxError `not-found`, or `invalid-argument` with the line, in Docker's words.
 */
export function readPairsFile(path: string, env: NodeJS.ProcessEnv | undefined): readonly string[] {
  const pairs: string[] = [];
  for (const [index, raw] of readText(path)
    .replace(/^\uFEFF/u, '')
    .split(/\r?\n/u)
    .entries()) {
    const line = raw.trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const name = line.split('=')[0] ?? '';
    if (name === '')
      throw new WindowboxError('invalid-argument', `no variable name on line '${line}'`, {
        hint: `It is line ${String(index + 1)} of ${path}.`,
      });
    if (/\s/u.test(name)) throw new WindowboxError('invalid-argument', `variable '${name}' contains whitespaces`);
    const inherited = env?.[name];
    if (line.includes('=')) pairs.push(line);
    else if (env === undefined) pairs.push(`${name}=`);
    else if (inherited !== undefined) pairs.push(`${name}=${inherited}`);
  }
  return pairs;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = isErrno(error, 'ENOENT') ? 'no such file or directory' : describeError(error);
    throw new WindowboxError('not-found', `open ${path}: ${reason}`, { cause: error });
  }
}

/** `-e NAME` takes our own environment's value, and names nothing where it has none. */
export function inheritVariables(pairs: readonly string[], env: NodeJS.ProcessEnv): readonly string[] {
  return pairs.flatMap((pair) => {
    if (pair.includes('=')) return [pair];
    const value = env[pair];
    return value === undefined ? [] : [`${pair}=${value}`];
  });
}

/** `name=value` pairs to an object; a lone name has the empty value; the last one wins. */
export function pairsToObject(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [name, value.join('=')];
    }),
  );
}
