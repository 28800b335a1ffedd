import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One registry's entry of `~/.docker/config.json`. */
interface StoredAuth {
  readonly auth?: string;
  readonly identitytoken?: string;
}

/**
 * The `X-Registry-Auth` header for an image's registry, out of Docker's own `config.json`; empty when it knows none. Credential
 * helpers are the daemon's to ask.
 */
export function registryAuth(image: string, env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const registry = registryOf(image);
  const stored = readAuths(env)[registry];
  if (stored === undefined) return {};
  const auth = authBody(registry, stored);
  return { 'x-registry-auth': Buffer.from(JSON.stringify(auth)).toString('base64url') };
}

/** All of them, by registry, for a build, which may pull from several. */
export function registryConfig(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const auths = Object.entries(readAuths(env)).map(
    ([registry, stored]) => [registry, authBody(registry, stored)] as const,
  );
  if (auths.length === 0) return {};
  return { 'x-registry-config': Buffer.from(JSON.stringify(Object.fromEntries(auths))).toString('base64url') };
}

/** Docker Hub's key in Docker's file. */
export const hubAddress = 'https://index.docker.io/v1/';

/** The key of Docker's file: the host before the first slash, or Docker Hub's address. */
export function registryOf(image: string): string {
  const first = image.split('/')[0] ?? '';
  const isHost = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost && first !== 'docker.io' ? first : hubAddress;
}

/** Where Docker's CLI keeps what `login` was told. */
export function dockerConfigFile(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? '/root', '.docker'), 'config.json');
}

function authBody(registry: string, { auth = '', identitytoken }: StoredAuth): Record<string, string> {
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  return {
    username,
    password: password.join(':'),
    serveraddress: registry,
    ...(identitytoken === undefined ? {} : { identitytoken }),
  };
}

function readAuths(env: NodeJS.ProcessEnv): Readonly<Record<string, StoredAuth>> {
  try {
    const config: { auths?: Record<string, StoredAuth> } = JSON.parse(readFileSync(dockerConfigFile(env), 'utf8'));
    return config.auths ?? {};
  } catch {
    // No file, or one that is not Docker's: an anonymous pull, as Docker does.
    return {};
  }
}
