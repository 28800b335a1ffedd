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

/**
 * The `Authorization` header that answers a challenge, by the token specification of distribution.
 *
 * @throws WindowboxError `unauthenticated` when the registry does not take the credentials or there are none to give.
 */
export async function authorize(options: AuthorizeOptions): Promise<string> {
  const { challenge, credentials } = options;
  if (credentials && credentials.registryToken !== '') return `Bearer ${credentials.registryToken}`;
  if (challenge.scheme === 'bearer') return `Bearer ${(await fetchToken(options)).token}`;
  if (!credentials || credentials.username === '')
    throw new WindowboxError('unauthenticated', 'no basic auth credentials', {
      hint: 'Run "docker login" for this registry.',
    });
  return basicOf(credentials);
}

const tokenAnswer = v.looseObject({
  token: v.exactOptional(v.string()),
  access_token: v.exactOptional(v.string()),
  refresh_token: v.exactOptional(v.string(), ''),
});

/** `refreshToken` is empty when the token server gave none. @throws WindowboxError as {@link authorize}. */
export async function fetchToken(
  options: AuthorizeOptions,
): Promise<{ readonly token: string; readonly refreshToken: string }> {
  const answer = await askTokenServer(options);
  const text = await readBody(answer, 1 << 20);
  const { host } = answer.url;
  if (answer.status !== 200)
    throw new WindowboxError(
      answer.status === 401 || answer.status === 403 ? 'unauthenticated' : 'unavailable',
      `Cannot log in at "${host}": status ${String(answer.status)}`,
      { hint: 'Run "docker login" for this registry.' },
    );
  const said = parseJson(text, tokenAnswer, `Cannot read the token of "${host}"`);
  const token = said.token ?? said.access_token;
  if (token === undefined) throw new WindowboxError('unavailable', `Cannot log in at "${host}": no token came`);
  return { token, refreshToken: said.refresh_token };
}

async function askTokenServer(options: AuthorizeOptions): Promise<HttpAnswer> {
  const { challenge, credentials, scope, tls, signal, offline = false } = options;
  const { realm = '', service = '' } = challenge.parameters;
  if (!URL.canParse(realm))
    throw new WindowboxError('unavailable', `Cannot log in: the registry names no token server`);
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
