import { WindowboxError } from '../errors/index.js';
import type { QmpClient } from './qmp-client.js';

export interface GuestFate {
  died: boolean;
  /** Set before we end it ourselves, because something else went wrong: what comes then is no death of its own. */
  released: boolean;
}

/**
 * What `act` gives, as long as the guest lives: one that has gone down answers nothing any more, and nobody is to wait for it.
 *
 * @throws WindowboxError `unavailable`, with `fate.died` set.
 */
export async function whileAlive<Result>(qmp: QmpClient, fate: GuestFate, act: Promise<Result>): Promise<Result> {
  const death = new Promise<never>((_, reject) => {
    const die = (reason: string): void => {
      if (!fate.released) fate.died = true;
      reject(new WindowboxError('unavailable', `Cannot set up the VM: ${reason}`));
    };
    qmp.onEvent((name) => {
      if (name === 'SHUTDOWN' || name === 'GUEST_PANICKED') die('it went down');
    });
    void qmp.closed.then(() => {
      die('it was killed');
    });
  });
  // Each may still come after the other has won.
  for (const promise of [act, death]) promise.catch(() => undefined);
  return Promise.race([act, death]);
}
