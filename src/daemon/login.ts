import type { ImageStore } from '../images/index.js';
import type { Backends } from '../server/index.js';

/** `POST /auth`: the registry itself says whether it takes the login. Nothing is kept; that is the client's. */
export function makeLogin(store: Pick<ImageStore, 'logIn'>): Backends['system']['login'] {
  return async ({ serverAddress, username, password, identityToken, registryToken }, signal) => ({
    identityToken: await store.logIn(serverAddress, {
      credentials: { username, password, identityToken, registryToken },
      signal,
    }),
  });
}
