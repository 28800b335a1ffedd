import { WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { readBody } from '../connection/response-error.js';

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

export interface ExitWatch {
  /** All 32 bits of the program's exit code. */
  readonly code: Promise<number>;
}

/**
 * Asks the daemon to tell the exit code. Resolves when the daemon has answered with its headers, which it does at once: from
 * then on no exit is missed.
 */
export async function waitForExit(client: Client, id: string, condition: WaitCondition): Promise<ExitWatch> {
  const response = await client.send({ method: 'POST', path: `/containers/${id}/wait`, query: { condition } });
  const code = readBody(response).then((text) => {
    const answer: { StatusCode: number; Error?: { Message: string } | null } = JSON.parse(text);
    const message = answer.Error?.Message ?? '';
    if (message !== '') throw new WindowboxError('internal', `Error waiting for container: ${message}`);
    return answer.StatusCode;
  });
  // Awaited later, or not at all when the start fails: then its rejection is no news.
  code.catch(() => undefined);
  return { code };
}
