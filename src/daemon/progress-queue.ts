import type { ProgressMessage } from '../docker-api/index.js';

/**
 * Turns work that reports its progress into messages that are read one by one. It begins when the first is asked for; its error is
 * thrown after its last message.
 */
export async function* progressQueue(
  work: (report: (message: ProgressMessage) => void) => Promise<void>,
): AsyncGenerator<ProgressMessage, void, undefined> {
  const waiting: ProgressMessage[] = [];
  let wake = (): void => {};
  let ended = false;
  const done = work((message) => {
    waiting.push(message);
    wake();
  }).finally(() => {
    ended = true;
    wake();
  });
  done.catch(() => {});
  for (;;) {
    yield* waiting.splice(0);
    if (ended && waiting.length === 0) break;
    if (waiting.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (ended || waiting.length > 0) resolve();
      });
  }
  await done;
}
