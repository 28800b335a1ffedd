import { type Credentials, findLogin, hubKey, listLogins } from '../../credentials/index.js';
import { describeError } from '../../errors/index.js';
import { printError } from '../streams/print.js';

/**
 * The `X-Registry-Auth` header for an image's registry, out of Docker's client configuration and its credential helpers; empty
 * when they know none. What cannot be asked is told on standard error and counts as none, as in Docker: many images need no login.
 */
export async function registryAuth(image: string): Promise<Record<string, string>> {
  const registry = registryOf(image);
  const login = await findLogin(registry).catch(warn);
  return login === undefined ? {} : { 'x-registry-auth': encode(authBody(registry, login)) };
}

/** All of them, by registry, for a build, which may pull from several. */
export async function registryConfig(): Promise<Record<string, string>> {
  const logins = Object.entries((await listLogins(warn).catch(warn)) ?? {});
  if (logins.length === 0) return {};
  const bodies = logins.map(([registry, login]) => [registry, authBody(registry, login)] as const);
  return { 'x-registry-config': encode(Object.fromEntries(bodies)) };
}

/** The key of Docker's file: the host before the first slash, or Docker Hub's address. */
export function registryOf(image: string): string {
  const first = image.split('/')[0] ?? '';
  const isHost = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost && first !== 'docker.io' ? first : hubKey;
}

/** As the API wants a login: in its headers, and in the body of `POST /auth`. */
export function authBody(registry: string, login: Credentials): Record<string, string> {
  const { username, password, identityToken, registryToken } = login;
  return {
    username,
    password,
    serveraddress: registry,
    ...(identityToken === '' ? {} : { identitytoken: identityToken }),
    ...(registryToken === '' ? {} : { registrytoken: registryToken }),
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function warn(error: unknown): undefined {
  printError(`WARNING: ${describeError(error)}\n`);
}
