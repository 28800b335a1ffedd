import { WindowboxError } from '../../errors/index.js';
import type { HttpAnswer } from './send-request.js';

/** Docker's texts for what a registry refuses. */
export function refusal(answer: HttpAnswer, body: string, what: string): WindowboxError {
  const writes = answer.method !== 'GET' && answer.method !== 'HEAD';
  const name = what.replace(/^docker\.io\/(?:library\/)?/u, '');
  const said = /"message"\s*:\s*"((?:[^"\\]|\\.){1,400})"/u.exec(body)?.[1];
  if (answer.status === 404)
    return new WindowboxError(
      'not-found',
      `manifest for ${name} not found: manifest unknown: ${said ?? 'manifest unknown'}`,
    );
  if (answer.status === 401 || answer.status === 403)
    return new WindowboxError(
      answer.status === 401 ? 'unauthenticated' : 'permission-denied',
      writes
        ? deniedPush(answer.status, said)
        : `pull access denied for ${name.replace(/[@:][^/]*$/u, '')}, repository does not exist or may require 'docker login': denied: ${said ?? 'requested access to the resource is denied'}`,
    );
  if (answer.status === 429)
    return new WindowboxError('resource-exhausted', `toomanyrequests: ${said ?? 'too many requests'}`);
  return new WindowboxError(
    'unavailable',
    `Cannot use "${name}": the registry answers ${String(answer.status)}${said === undefined ? '' : `: ${said}`}`,
  );
}

function deniedPush(status: number, said: string | undefined): string {
  return status === 401
    ? `unauthorized: ${said ?? 'authentication required'}`
    : `denied: ${said ?? 'requested access to the resource is denied'}`;
}
