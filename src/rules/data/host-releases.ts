import type { HostRelease } from '../model.js';
import { clientReleases } from './client-releases.js';
import { serverReleases } from './server-releases.js';

/** Every Windows release that can be a container host, servers first, oldest first. */
export const hostReleases: readonly HostRelease[] = [...serverReleases, ...clientReleases];
