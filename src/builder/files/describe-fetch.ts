import { describeError } from '../../errors/index.js';

/** Why a download failed: what `fetch` throws says only that it did, and carries the reason. */
export function describeFetch(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message !== '' ? cause.message : describeError(error);
}
