import { WindowboxError } from '../../errors/index.js';
import { describeFetch } from './describe-fetch.js';
import { gitContext } from './git-context.js';
import { packingOf, tarEnd, tarHeader, tarPadding, unpackAny } from '../../platform/index.js';

export interface RemoteOptions {
  /** For a repository while it is read. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/**
 * The context behind the address of `POST /build?remote=`: a git repository (`…git#REF:FOLDER`, `git://`, `git@`, `github.com/`), an archive, or a text,
 * which is a Dockerfile.
 *
 * @throws WindowboxError (while reading) `invalid-argument` for an address of another kind, `unavailable` when it cannot be read.
 */
export async function* remoteContext(remote: string, options: RemoteOptions): AsyncGenerator<Uint8Array> {
  if (isRepository(remote)) yield* gitContext(remote, options);
  else if (/^https?:\/\//iu.test(remote)) yield* readAddress(remote, options);
  else
    throw new WindowboxError('invalid-argument', `unable to prepare context: "${remote}" is no address of a context`, {
      hint: 'It may be http://…, https://…, git://…, git@… or github.com/….',
    });
}

function isRepository(remote: string): boolean {
  return /^(?:git:\/\/|git@|github\.com\/)/u.test(remote) || /^https?:\/\/[^#]*\.git(?:#|$)/u.test(remote);
}

async function* readAddress(address: string, { signal }: RemoteOptions): AsyncGenerator<Uint8Array> {
  const answer = await fetch(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(600_000)]) }).catch(
    (error: unknown) => {
      throw cannotGet(address, describeFetch(error), error);
    },
  );
  if (!answer.ok || !answer.body) throw cannotGet(address, `status ${String(answer.status)}`);
  const bytes = answer.body[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let length = 0;
  while (length < 512) {
    const next = await bytes.next();
    if (next.done === true) break;
    head.push(next.value);
    length += next.value.length;
  }
  const start = Buffer.concat(head);
  if (packingOf(start) !== undefined || start.toString('latin1', 257, 262) === 'ustar')
    yield* unpackAny(follow(start, bytes));
  else yield* dockerfileAlone(await readText(start, bytes));
}

async function* dockerfileAlone(text: Buffer): AsyncGenerator<Uint8Array> {
  yield tarHeader({ name: 'Dockerfile', type: 'file', size: text.length });
  yield text;
  yield tarPadding(text.length);
  yield tarEnd;
}

async function readText(start: Buffer, rest: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [start];
  for (let length = start.length; ;) {
    const next = await rest.next();
    if (next.done === true) return Buffer.concat(chunks);
    chunks.push(next.value);
    length += next.value.length;
    if (length > longestText)
      throw new WindowboxError(
        'invalid-argument',
        'unable to prepare context: it is no archive, and too long for a Dockerfile',
      );
  }
}

async function* follow(start: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function cannotGet(address: string, reason: string, cause?: unknown): WindowboxError {
  return new WindowboxError('unavailable', `unable to download remote context ${address}: ${reason}`, { cause });
}

const longestText = 1 << 20;
