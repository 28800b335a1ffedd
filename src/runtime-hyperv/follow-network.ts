import type { Sandbox } from '../runtime/index.js';
import { networkRequest } from './begin-request.js';
import { rewireNetwork } from './connect-network.js';
import type { ControlLink } from './control-link.js';

type NetworkChange = Parameters<Sandbox['followNetwork']>[0];

/** Under emulation, on a busy machine. */
const changeMs = 120_000;

/** Brings the changes of a container's networks into its VM: at once, or as soon as one that is paused goes on. */
export interface NetworkFollower {
  follow(change: NetworkChange): Promise<void>;
  /** The VM runs again. */
  resumed(): Promise<void>;
}

export function followNetworks(control: ControlLink, isPaused: () => boolean): NetworkFollower {
  let later: NetworkChange | undefined;
  const follow = async (change: NetworkChange): Promise<void> => {
    const vmNetwork = await rewireNetwork(change.network);
    if (isPaused()) {
      later = change;
      return;
    }
    later = undefined;
    await control.ask(networkRequest({ ...change, vmNetwork }), changeMs);
  };
  return {
    follow,
    resumed: async () => {
      if (later !== undefined) await follow(later);
    },
  };
}
