import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { WindowboxError } from '../../errors/index.js';
import { tarEnd, tarHeader, tarPadding } from '../../platform/index.js';
import { packTar } from '../tar/pack.js';
import { parseIgnoreFile } from './ignore-patterns.js';
import type { ContextFolder } from './listed-folder.js';

export interface BuildContext {
  readonly files: ContextFiles;
  /** Path of the Dockerfile inside of the context. */
  readonly dockerfile: string;
}

export type ContextFiles =
  /** `key`: what makes it another context than others of this user. */
  | { readonly type: 'folder'; readonly folder: ContextFolder; readonly key: readonly string[] }
  | { readonly type: 'stream'; readonly upload: NodeJS.ReadableStream }
  /** The daemon fetches them itself. */
  | { readonly type: 'remote'; readonly address: string };

/**
 * The context of `build PATH|URL|-` with `-f FILE`: a folder (less what `.dockerignore` names), a tar stream or a lone Dockerfile on
 * standard input, or an address that the daemon fetches.
 *
 * @throws WindowboxError in Docker's words.
 */
export async function openContext(where: string, file: string | undefined): Promise<BuildContext> {
  if (where === '-' && file === '-')
    throw new WindowboxError(
      'invalid-argument',
      "invalid argument: can't use stdin for both build context and dockerfile",
    );
  if (where === '-') return contextOfInput(file);
  if (/^(?:https?:\/\/|git:\/\/|github\.com\/|git@)/u.test(where))
    return { files: { type: 'remote', address: where }, dockerfile: file ?? 'Dockerfile' };
  const folder = resolve(where);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new WindowboxError('not-found', `unable to prepare context: path "${where}" not found`);
  if (file === '-') return contextOfFolder(folder, { name: inputDockerfile, content: await readInput() });
  return contextOfFolder(folder, findDockerfile(folder, file));
}

const inputDockerfile = '.windowbox-stdin.Dockerfile';

interface Dockerfile {
  /** In the context. */
  readonly name: string;
  /** Of one that is not in the context's folder. */
  readonly content?: Buffer;
  /** On this machine; undefined for standard input. */
  readonly path?: string;
}

/** One that lies elsewhere goes along under another name, as Docker's client sends it. */
function findDockerfile(folder: string, file: string | undefined): Dockerfile {
  const path = file === undefined ? join(folder, 'Dockerfile') : resolve(file);
  if (!existsSync(path))
    throw new WindowboxError(
      'not-found',
      `unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat ${path}: no such file or directory`,
    );
  const inside = relative(folder, path);
  if (inside === '..' || inside.startsWith('../')) return { name: inputDockerfile, content: readFileSync(path), path };
  return { name: inside, path };
}

/** The Dockerfile and the ignore file go along whatever the patterns say: the daemon needs them. */
function contextOfFolder(folder: string, dockerfile: Dockerfile): BuildContext {
  const own = dockerfile.path === undefined ? [] : [`${dockerfile.path}.dockerignore`];
  const ignoreFile = [...own, join(folder, '.dockerignore')].find((path) => existsSync(path));
  const isIgnored = parseIgnoreFile(ignoreFile === undefined ? '' : readFileSync(ignoreFile, 'utf8'));
  const leaveOut = (path: string): boolean => path !== dockerfile.name && path !== '.dockerignore' && isIgnored(path);
  const { name, content } = dockerfile;
  const more = content === undefined ? {} : { more: { name, content } };
  // Two Dockerfiles of one folder may leave out different things of it.
  const key = [folder, ignoreFile ?? ''];
  return { dockerfile: name, files: { type: 'folder', folder: { path: folder, leaveOut, ...more }, key } };
}

/** A folder's whole context, for a daemon that takes it in no other way. */
export function packFolder({ path, leaveOut, more }: ContextFolder): Readable {
  const packed = packTar(path, { as: '', leaveOut });
  return more === undefined ? packed : Readable.from(prepend(more.name, more.content, packed), { objectMode: false });
}

async function* prepend(name: string, content: Buffer, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield tarHeader({ name, type: 'file', size: content.length });
  yield content;
  yield tarPadding(content.length);
  yield* rest;
}

/** A tar stream is sent as it comes; anything else is a Dockerfile without a context. */
async function contextOfInput(file: string | undefined): Promise<BuildContext> {
  const input: AsyncIterator<Buffer, undefined> = process.stdin[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let length = 0;
  let ended = false;
  while (length < 512 && !ended) {
    const next = await input.next();
    ended = next.done === true;
    if (next.value !== undefined) chunks.push(next.value);
    length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }
  const start = Buffer.concat(chunks);
  const rest = { [Symbol.asyncIterator]: () => input };
  if (isArchive(start)) return streamed(file ?? 'Dockerfile', follow(start, rest));
  const content: Buffer[] = [start];
  if (!ended) for await (const chunk of rest) content.push(Buffer.from(chunk));
  if (Buffer.concat(content).length === 0)
    throw new WindowboxError('invalid-argument', 'the Dockerfile (-) cannot be empty');
  const end = (async function* tail(): AsyncGenerator<Uint8Array> {
    yield tarEnd;
  })();
  return streamed('Dockerfile', prepend('Dockerfile', Buffer.concat(content), end));
}

function streamed(dockerfile: string, bytes: AsyncIterable<Uint8Array>): BuildContext {
  return { dockerfile, files: { type: 'stream', upload: Readable.from(bytes, { objectMode: false }) } };
}

/** ustar's mark, or the marks of gzip, bzip2, xz and zstd. */
function isArchive(start: Buffer): boolean {
  const marks = ['1f8b', '425a68', 'fd377a585a', '28b52ffd'];
  const hex = start.subarray(0, 5).toString('hex');
  return start.toString('latin1', 257, 262) === 'ustar' || marks.some((mark) => hex.startsWith(mark));
}

async function* follow(start: Buffer, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start;
  yield* rest;
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
