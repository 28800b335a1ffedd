import { isErrorCode, WindowboxError } from '../../errors/index.js';
import { type Challenge, fetchToken, authorize, parseChallenge } from './authorize.js';
import type { Credentials } from '../../credentials/index.js';
import { type Endpoint, endpointsOf, type RegistrySettings, withoutMirrors } from './registry-settings.js';
import { type HttpAnswer, sendRequest } from './send-request.js';

export interface LogInOptions {
  readonly credentials: Credentials;
  readonly signal?: AbortSignal;
}

/**
 * Tries a login at a registry, with what its challenge asks for. Answers the refresh token that a token server gave in place of the
 * password; empty: it gave none.
 *
 * @param address - as `docker login` takes it: a host, or an address of which only the host counts; empty: Docker Hub.
 * @throws WindowboxError `unauthenticated` in Docker's words, `invalid-argument` for no host, `unavailable`, `cancelled`.
 */
export async function logIn(
  address: string,
  options: LogInOptions & { readonly settings: RegistrySettings },
): Promise<string> {
  // The login is the registry's own.
  const endpoints = await endpointsOf(domainOf(address), withoutMirrors(options.settings));
  let failure: WindowboxError | undefined;
  for (const endpoint of endpoints) {
    try {
      return await logInAt(endpoint, options);
    } catch (error) {
      if (!isErrorCode(error, 'unavailable') && !isErrorCode(error, 'timeout')) throw error;
      failure = error;
    }
  }
  throw failure ?? new WindowboxError('unavailable', `Cannot reach "${address}": no address`);
}

async function logInAt(endpoint: Endpoint, options: LogInOptions): Promise<string> {
  const first = await askBase(endpoint, options);
  const challenge = first.status === 401 ? parseChallenge(first.headers['www-authenticate']) : undefined;
  if (!challenge) return accept(first, '');
  const { header, identityToken } = await answerChallenge(challenge, endpoint, options);
  return accept(await askBase(endpoint, options, header), identityToken);
}

/** The address that every registry has, and that asks for a login where the registry wants one. */
async function askBase({ url, tls }: Endpoint, { signal }: LogInOptions, authorization?: string): Promise<HttpAnswer> {
  const answer = await sendRequest({
    method: 'GET',
    url: new URL('/v2/', url),
    tls,
    tries: 1,
    headers: authorization === undefined ? {} : { authorization },
    ...(signal ? { signal } : {}),
  });
  answer.body.resume();
  return answer;
}

function accept({ status, url }: HttpAnswer, identityToken: string): string {
  if (status === 200) return identityToken;
  const refused = status === 401 || status === 403;
  throw new WindowboxError(
    refused ? 'unauthenticated' : 'unavailable',
    `login attempt to ${url.href} failed with status: ${String(status)}${refused ? ` ${statusTexts[status]}` : ''}`,
  );
}

async function answerChallenge(
  challenge: Challenge,
  { url, tls }: Endpoint,
  { credentials, signal }: LogInOptions,
): Promise<{ readonly header: string; readonly identityToken: string }> {
  const question = { challenge, credentials, registry: url.host, scope: '', tls, ...(signal ? { signal } : {}) };
  if (challenge.scheme === 'basic') return { header: (await authorize(question)).header, identityToken: '' };
  try {
    const { token, refreshToken } = await fetchToken({ ...question, offline: true });
    return { header: `Bearer ${token}`, identityToken: refreshToken };
  } catch (error) {
    if (!isErrorCode(error, 'unauthenticated')) throw error;
    const about = `Get "${new URL('/v2/', url).href}"`;
    throw new WindowboxError('unauthenticated', `${about}: unauthorized: incorrect username or password`, {
      cause: error,
    });
  }
}

function domainOf(address: string): string {
  const host = address.replace(/^https?:\/\//iu, '').replace(/\/.*$/su, '');
  if (host === '' || hubHosts.has(host)) return 'docker.io';
  if (/^(?:[\w.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/iu.test(host)) return host;
  throw new WindowboxError('invalid-argument', `Cannot log in at "${address}": it names no registry`, {
    hint: 'A registry is a host, with a port where it needs one: registry.example.com:5000.',
  });
}

const hubHosts = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);
const statusTexts = { 401: 'Unauthorized', 403: 'Forbidden' } as const;
