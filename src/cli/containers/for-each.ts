import { WindowboxError } from '../../errors/index.js';
import { print, printError } from '../streams/print.js';

/**
 * Does one thing to each target, all at once, and prints what each gives (its name, most often) in the order of the command line.
 * A failure is printed and does not stop the others.
 *
 * @returns 1 when one failed, else 0.
 */
export async function forEachTarget(
  targets: readonly string[],
  act: (target: string) => Promise<string | undefined>,
): Promise<number> {
  const running = targets.map(async (target) =>
    act(target).then(
      (text) => ({ text }),
      (error: unknown) => ({ error }),
    ),
  );
  let exitCode = 0;
  for (const promise of running) {
    const result = await promise;
    if ('text' in result) {
      if (result.text !== undefined) print(`${result.text}\n`);
      continue;
    }
    if (!(result.error instanceof WindowboxError)) throw result.error;
    printError(`${result.error.message}\n${result.error.hint === undefined ? '' : `${result.error.hint}\n`}`);
    exitCode = 1;
  }
  return exitCode;
}
