/** A login for one registry; empty texts for what there is none of. Never logged. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** A refresh token, which stands for user and password. */
  readonly identityToken: string;
  /** A bearer token that is used as it is. */
  readonly registryToken: string;
}

/** Docker Hub's key in Docker's file; every other registry's is its host. */
export const hubKey = 'https://index.docker.io/v1/';
