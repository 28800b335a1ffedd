/** A promise with its levers beside it (Promise.withResolvers is younger than Node 20). */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function createDeferred<T>(): Deferred<T> {
  let levers: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    levers = { resolve, reject };
  });
  return { promise, resolve: (value) => levers?.resolve(value), reject: (error) => levers?.reject(error) };
}
