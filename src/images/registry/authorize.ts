import * as v from 'valibot';
import { WindowboxError } from '../../errors/index.js';
import { parseJson } from '../../oci/index.js';
import type { Credentials } from '../../credentials/index.js';
import { type HttpAnswer, readBody, sendRequest, type TlsSettings } from './send-request.js';

export interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly parameters: Readonly<Record<string, string>>;
}

export interface AuthorizeOptions {
  /** The domain, for people. */
  readonly registry: string;
  readonly challenge: Challenge;
  readonly credentials: Credentials | undefined;
  /** `repository:NAME:pull,push`; several by space. */
  readonly scope: string;
  readonly tls: TlsSettings;
  readonly signal?: AbortSignal;
  /** Also ask for a refresh token, which can stand for the password from then on. */
  readonly offline?: boolean;
}

/** Reads `WWW-Authenticate`: the strongest scheme that we speak. Undefined for none. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const found = [
    ...(header ?? '').matchAll(
      /(?:^|,\s*)(basic|bearer)(?:\s+((?:[\w-]+="(?:[^"\\]|\\.)*"|[\w-]+=[^\s,"]+)(?:\s*,\s*(?:[\w-]+="(?:[^"\\]|\\.)*"|[\w-]+=[^\s,"]+))*))?/giu,
    ),
  ].map(([, scheme = '', list = '']) => ({
    scheme: scheme.toLowerCase() === 'bearer' ? ('bearer' as const) : ('basic' as const),
    parameters: Object.fromEntries(
      [...list.matchAll(/([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gu)].map(([, key = '', quoted, plain]) => [
        key.toLowerCase(),
        (quoted ?? plain ?? '').replaceAll(/\\(.)/gu, '$1'),
      ]),
    ),
  }));
  return found.find(({ scheme }) => scheme === 'bearer') ?? found[0];
}

export interface Authorization {
  /** `Basic …` or `Bearer …`. */
  readonly header: string;
  /** Milliseconds since 1970: a new one is better from then on. */
  readonly expiresAt: number;
}

/**
 * The `Authorization` header that answers a challenge, by the token specification of distribution.
 *
 * @throws WindowboxError `unauthenticated` when the registry does not take the credentials or there are none to give.
 */
export async function authorize(options: AuthorizeOptions): Promise<Authorization> {
  const { challenge, credentials, registry } = options;
  if (credentials && credentials.registryToken !== '')
    return { header: `Bearer ${credentials.registryToken}`, expiresAt: Infinity };
  if (challenge.scheme === 'bearer') {
    const { token, expiresAt } = await fetchToken(options);
    return { header: `Bearer ${token}`, expiresAt };
  }
  if (!credentials || credentials.username === '')
    throw new WindowboxError('unauthenticated', 'no basic auth credentials', {
      hint: `Run "${loginCommand(registry)}".`,
    });
  return { header: basicOf(credentials), expiresAt: Infinity };
}

/** What logs in at a registry, which for Docker Hub has no name. */
export function loginCommand(registry: string): string {
  return registry === 'docker.io' ? 'docker login' : `docker login ${registry}`;
}

/** Seconds, where a token server says nothing: so the specification has it. */
const usualLifetime = 60;

const tokenAnswer = v.looseObject({
  token: v.exactOptional(v.string()),
  access_token: v.exactOptional(v.string()),
  refresh_token: v.exactOptional(v.string(), ''),
  expires_in: v.fallback(v.exactOptional(v.number(), usualLifetime), usualLifetime),
});

/** `refreshToken` is empty when the token server gave none. @throws WindowboxError as {@link authorize}. */
export async function fetchToken(
  options: AuthorizeOptions,
): Promise<{ readonly token: string; readonly refreshToken: string; readonly expiresAt: number }> {
  const begin = Date.now();
  const answer = await askTokenServer(options);
  const text = await readBody(answer, 1 << 20);
  const { host } = answer.url;
  if (answer.status !== 200) throw tokenRefusal(answer.status, host, options);
  const said = parseJson(text, tokenAnswer, `Cannot read the token of "${host}"`);
  const token = said.token ?? said.access_token;
  if (token === undefined) throw new WindowboxError('unavailable', `Cannot log in at "${host}": no token came`);
  // By our own clock, and a little early: the call that uses it takes its time.
  return { token, refreshToken: said.refresh_token, expiresAt: begin + said.expires_in * 900 };
}

/** Docker's words for a wrong login; whoever gave none is not allowed in without. */
function tokenRefusal(status: number, host: string, { registry, credentials }: AuthorizeOptions): WindowboxError {
  if (status !== 401 && status !== 403)
    return new WindowboxError('unavailable', `Cannot log in at "${host}": status ${String(status)}`, {
      hint: `It is the token server of the registry "${registry}". Try again later.`,
    });
  const isGiven = credentials !== undefined && (credentials.username !== '' || credentials.identityToken !== '');
  const reason = isGiven ? 'incorrect username or password' : 'authentication required';
  return new WindowboxError('unauthenticated', `unauthorized: ${reason}`, {
    hint: `So says "${host}", the token server of the registry "${registry}". Run "${loginCommand(registry)}".`,
  });
}

async function askTokenServer(options: AuthorizeOptions): Promise<HttpAnswer> {
  const { challenge, credentials, scope, tls, signal, offline = false } = options;
  const { realm = '', service = '' } = challenge.parameters;
  if (!URL.canParse(realm))
    throw new WindowboxError(
      'unavailable',
      `Cannot log in at "${options.registry}": the registry names no token server`,
    );
  const url = new URL(realm);
  const refresh = credentials && credentials.identityToken !== '' ? credentials.identityToken : undefined;
  const query = new URLSearchParams(
    refresh === undefined ? {} : { grant_type: 'refresh_token', refresh_token: refresh, client_id: 'windowbox' },
  );
  if (service !== '') query.set('service', service);
  if (offline && refresh === undefined) for (const [key, value] of offlineQuery) query.set(key, value);
  if (refresh === undefined) for (const one of scope.split(' ').filter(Boolean)) query.append('scope', one);
  else query.set('scope', scope);
  if (refresh === undefined) for (const [key, value] of query) url.searchParams.append(key, value);
  return sendRequest({
    method: refresh === undefined ? 'GET' : 'POST',
    url,
    tls,
    headers: {
      ...(refresh === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(refresh === undefined && credentials && credentials.username !== ''
        ? { authorization: basicOf(credentials) }
        : {}),
    },
    ...(refresh === undefined ? {} : { body: () => Buffer.from(query.toString()) }),
    ...(signal ? { signal } : {}),
  });
}

function basicOf({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

const offlineQuery = [
  ['offline_token', 'true'],
  ['client_id', 'windowbox'],
] as const;
