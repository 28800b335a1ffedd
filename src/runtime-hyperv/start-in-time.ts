import { WindowboxError } from '../errors/index.js';
import type { SandboxProcess } from '../runtime/index.js';

/**
 * The program that is being started, if it starts within `limitMs`. One that starts later is ended at once: nobody waits for it any more.
 *
 * @throws WindowboxError `timeout`.
 */
export async function inTime(starting: Promise<SandboxProcess>, limitMs: number): Promise<SandboxProcess> {
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(
        new WindowboxError(
          'timeout',
          `Cannot start the program: its VM did not start it in ${String(limitMs / 1000)} s`,
          {
            hint: 'The VM may hang, or the machine may be too busy. Start the container again.',
          },
        ),
      );
    }, limitMs);
  });
  starting.then(
    (program) => {
      if (isLate) program.terminate(1);
    },
    () => undefined,
  );
  return Promise.race([starting, limit]).finally(() => {
    clearTimeout(timer);
  });
}
