import * as v from 'valibot';
import { WindowboxError } from '../../../errors/index.js';
import { type AuthBody, authMapSchema, authSchema, parseBody } from '../../../docker-api/index.js';
import type { ApiRequest } from '../../http/api-request.js';

/** A login for one registry. Never logged. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
  readonly registryToken: string;
  readonly serverAddress: string;
}

/** The login in `X-Registry-Auth`: base64url of JSON; undefined for none. An unreadable one counts as none, as in Docker. */
export function authOf(request: ApiRequest): RegistryAuth | undefined {
  const value = decodeHeader(request, 'x-registry-auth');
  const parsed = v.safeParse(authSchema, value);
  return parsed.success ? toRegistryAuth(parsed.output) : undefined;
}

/**
 * The logins in `X-Registry-Config`, by registry.
 *
 * @throws WindowboxError `invalid-argument` for a header of another shape.
 */
export function authsOf(request: ApiRequest): Readonly<Record<string, RegistryAuth>> {
  const value = decodeHeader(request, 'x-registry-config') ?? {};
  const parsed = parseBody(authMapSchema, value, 'AuthConfigs');
  return Object.fromEntries(Object.entries(parsed).map(([registry, auth]) => [registry, toRegistryAuth(auth)]));
}

/** `auth` is `user:password` in base64, which wins where it is given. */
export function toRegistryAuth(body: AuthBody): RegistryAuth {
  const both = body.auth === '' ? '' : Buffer.from(body.auth, 'base64').toString();
  const colon = both.indexOf(':');
  return {
    username: colon > 0 ? both.slice(0, colon) : body.username,
    password: colon > 0 ? both.slice(colon + 1) : body.password,
    identityToken: body.identitytoken,
    registryToken: body.registrytoken,
    serverAddress: body.serveraddress,
  };
}

function decodeHeader(request: ApiRequest, name: string): unknown {
  const header = request.headers[name];
  if (typeof header !== 'string' || header === '') return undefined;
  try {
    return JSON.parse(Buffer.from(header, 'base64url').toString());
  } catch (cause) {
    if (name === 'x-registry-auth') return undefined;
    throw new WindowboxError('invalid-argument', `Cannot read "${name}": it is no JSON in base64`, { cause });
  }
}
