/**
 * Starts work of which only so many pieces may be under way. A piece gives its value when it starts and its place free when it is done.
 */
export function tooManyAtOnce(
  count: number,
): <T>(start: () => { readonly value: T; readonly done: Promise<unknown> }) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = count;
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return async (start) => {
    if (free > 0) free -= 1;
    else
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    const { value, done } = start();
    done.then(release, release);
    return value;
  };
}
