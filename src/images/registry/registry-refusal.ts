import { STATUS_CODES } from 'node:http';
import * as v from 'valibot';
import { WindowboxError } from '../../errors/index.js';
import { loginCommand } from './authorize.js';
import type { HttpAnswer } from './send-request.js';

/** Docker's texts for what a registry refuses, with what the user can do. `what` is `domain/path`, with `:tag` or `@digest`. */
export function refusal(answer: HttpAnswer, body: string, what: string): WindowboxError {
  const name = familiarName(what);
  const said = readError(answer, body);
  const { status } = answer;
  if (status === 404) return notFound(name, said);
  if (status === 401 || status === 403) return denied(answer, what, said);
  if (status === 429)
    return new WindowboxError('resource-exhausted', said.text, {
      hint: `The registry ${answer.url.host} allows no more for now${laterOf(answer)}. A login often has a higher limit.`,
    });
  if (said.isTheirs && status < 500)
    return new WindowboxError('unavailable', said.text, {
      hint: `So says the registry ${answer.url.host} of "${name}".`,
    });
  return new WindowboxError(
    'unavailable',
    `received unexpected HTTP status: ${String(status)} ${STATUS_CODES[status] ?? ''}`.trim(),
    {
      hint: `The registry ${answer.url.host} could not serve "${name}"${said.isTheirs ? `: ${said.text}` : ''}. Try again later.`,
    },
  );
}

interface RegistryError {
  readonly code: string;
  /** As Docker writes it: `manifest unknown: manifest unknown`. */
  readonly text: string;
  /** Whether the registry said so itself, and not only by the status. */
  readonly isTheirs: boolean;
}

function notFound(name: string, { code, text }: RegistryError): WindowboxError {
  if (code === 'NAME_UNKNOWN')
    return new WindowboxError('not-found', `repository ${repositoryOf(name)} not found: ${text}`, {
      hint: 'Check the name. A private repository may need a login.',
    });
  if (code === 'BLOB_UNKNOWN')
    return new WindowboxError('not-found', 'unknown blob', {
      hint: `The registry lists "${name}" in a manifest, but does not have it: the image must be pushed to it again.`,
    });
  return new WindowboxError('not-found', `manifest for ${name} not found: ${text}`);
}

function denied(answer: HttpAnswer, what: string, { code, text }: RegistryError): WindowboxError {
  const isWrite = answer.method !== 'GET' && answer.method !== 'HEAD';
  const name = familiarName(what);
  const registry = what.replace(/\/.*$/su, '');
  const hint = `Run "${loginCommand(registry)}" with an account that may ${isWrite ? 'push to' : 'pull from'} "${repositoryOf(name)}".`;
  const errorCode = answer.status === 401 ? 'unauthenticated' : 'permission-denied';
  const isDenied = code === 'DENIED' && !isWrite;
  return new WindowboxError(
    errorCode,
    isDenied
      ? `pull access denied for ${repositoryOf(name)}, repository does not exist or may require 'docker login': ${text}`
      : text,
    { hint },
  );
}

const errorBody = v.looseObject({
  errors: v.array(v.looseObject({ code: v.string(), message: v.exactOptional(v.string()) })),
});

/** The first of the registry's errors; what it leaves out follows from the status. */
function readError(answer: HttpAnswer, body: string): RegistryError {
  const first = parseErrors(body)?.[0];
  const usual = usualError(answer);
  const code = /^[A-Z_]{1,40}$/u.test(first?.code ?? '') ? (first?.code ?? '') : usual.code;
  const message = (first?.message ?? '') === '' ? usual.message : (first?.message ?? '').slice(0, 400);
  return { code, text: `${code.toLowerCase().replaceAll('_', ' ')}: ${message}`, isTheirs: first !== undefined };
}

function parseErrors(body: string): v.InferOutput<typeof errorBody>['errors'] | undefined {
  try {
    const found = v.safeParse(errorBody, JSON.parse(body));
    return found.success ? found.output.errors : undefined;
  } catch {
    return undefined;
  }
}

function usualError({ status, url }: HttpAnswer): { code: string; message: string } {
  if (status === 401) return { code: 'UNAUTHORIZED', message: 'authentication required' };
  if (status === 403) return { code: 'DENIED', message: 'requested access to the resource is denied' };
  if (status === 429) return { code: 'TOOMANYREQUESTS', message: 'too many requests' };
  if (url.pathname.includes('/blobs/')) return { code: 'BLOB_UNKNOWN', message: 'blob unknown to registry' };
  return { code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' };
}

function laterOf({ headers }: HttpAnswer): string {
  const after = headers['retry-after'] ?? '';
  return /^\d{1,9}$/u.test(after) ? `; it wants a pause of ${after} s` : '';
}

function familiarName(what: string): string {
  return what.replace(/^docker\.io\/(?:library\/)?/u, '');
}

function repositoryOf(name: string): string {
  return name.replace(/[@:][^/]*$/u, '');
}
