import { isErrorCode, WindowboxError } from '../../errors/index.js';
import type { Credentials } from '../../credentials/index.js';
import { type Authorization, authorize, type Challenge, parseChallenge } from './authorize.js';
import type { Endpoint } from './registry-settings.js';
import { type HttpAnswer, type HttpCall, sendRequest } from './send-request.js';

export interface SenderOptions {
  readonly domain: string;
  readonly path: string;
  readonly endpoints: readonly Endpoint[];
  readonly credentials: Credentials | undefined;
  /** Also ask for the right to write. */
  readonly push?: boolean;
}

/** Sends to whichever address of the registry answers, logged in where it wants that. */
export type Send = (call: RegistryCall) => Promise<HttpAnswer>;

type RegistryCall = Omit<HttpCall, 'url' | 'tls'> & { readonly target: string | URL; readonly scope?: string };

/** Sends to the first endpoint that answers, and logs in when it asks for it. */
export function createSender(options: SenderOptions): Send {
  const { endpoints } = options;
  const sendTo = createAuthorizedSender(options);
  let working: Endpoint | undefined;
  return async (call) => {
    const from = working ? endpoints.indexOf(working) : 0;
    // A mirror may lack anything at any time; of the registry's own addresses the one that answered first is the one.
    const left = working && working.isMirror !== true ? [working] : endpoints.slice(from);
    let failure: WindowboxError | undefined;
    for (const endpoint of left) {
      try {
        const answer = await sendTo(endpoint, call);
        if (endpoint.isMirror === true && answer.status >= 400) {
          answer.body.resume();
          continue;
        }
        working = endpoint;
        return answer;
      } catch (error) {
        if (!(error instanceof WindowboxError) || error.code === 'cancelled') throw error;
        const mayPass = isErrorCode(error, 'unavailable') || isErrorCode(error, 'timeout');
        if (endpoint.isMirror !== true && !mayPass) throw error;
        failure = error;
      }
    }
    throw failure ?? new WindowboxError('unavailable', `Cannot reach "${options.domain}": no address`);
  };
}

/** What was given for a scope, and for which question, so that it can be renewed. */
interface Held extends Authorization {
  readonly challenge: Challenge;
}

function createAuthorizedSender(options: SenderOptions) {
  const held = new Map<string, Held>();
  const usual = `repository:${options.path}:${options.push === true ? 'pull,push' : 'pull'}`;
  return async (endpoint: Endpoint, call: RegistryCall): Promise<HttpAnswer> => {
    const { target, scope = usual, ...rest } = call;
    const url = new URL(target, endpoint.url);
    // By address too: what was given to the registry is not for its mirrors, which are asked at the same time.
    const key = `${endpoint.url.origin} ${scope}`;
    const obtain = async (challenge: Challenge): Promise<Held> => {
      const one = { challenge, ...(await authorize(questionOf(options, endpoint, { challenge, scope, ...rest }))) };
      held.set(key, one);
      return one;
    };
    const attempt = async (authorization?: Held): Promise<HttpAnswer> => {
      const headers = { ...rest.headers, ...(authorization ? { authorization: authorization.header } : {}) };
      return sendRequest({ ...rest, url, headers, tls: endpoint.tls });
    };
    const known = url.origin === endpoint.url.origin ? held.get(key) : undefined;
    // A registry that refuses a long body closes the connection before it is sent, and its answer may be lost with it.
    const isOld = known !== undefined && known.expiresAt <= Date.now();
    const answer = await attempt(isOld ? await obtain(known.challenge) : known);
    // A server that the registry redirects to must not learn the login.
    const isAsked = answer.status === 401 && answer.url.origin === endpoint.url.origin;
    const challenge = isAsked ? parseChallenge(answer.headers['www-authenticate']) : undefined;
    if (!challenge) return answer;
    answer.body.resume();
    const fresh = await obtain(challenge);
    return attempt(url.origin === endpoint.url.origin ? fresh : undefined);
  };
}

function questionOf(
  { domain, credentials }: SenderOptions,
  endpoint: Endpoint,
  asked: { readonly challenge: Challenge; readonly scope: string; readonly signal?: AbortSignal },
): Parameters<typeof authorize>[0] {
  return {
    challenge: asked.challenge,
    scope: asked.scope,
    registry: domain,
    credentials: endpoint.isMirror === true ? undefined : credentials,
    tls: endpoint.tls,
    ...(asked.signal ? { signal: asked.signal } : {}),
  };
}
