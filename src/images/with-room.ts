import { describeFullDisk, isDiskFull } from '../platform/index.js';
import { collectGarbage } from './collect-garbage.js';
import type { StoreContext } from './store-context.js';

/**
 * An act that writes into the store. When it finds no room, nothing of it stays, and its error says how much there is and where; `needs` takes what
 * is known of how many bytes it wants.
 *
 * @throws WindowboxError `resource-exhausted` on a full disk, and what the act throws.
 */
export async function withRoom<T>(
  context: StoreContext,
  what: string,
  act: (needs: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  let needed = 0;
  try {
    return await context.work.during(async () =>
      act((bytes) => {
        needed = bytes;
      }),
    );
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    // What came already would only keep the disk full: unlike after a broken connection, it is not kept for the next try.
    await collectGarbage(context).catch(() => {});
    throw await describeFullDisk(error, { what, folder: context.folder, needs: needed });
  }
}
