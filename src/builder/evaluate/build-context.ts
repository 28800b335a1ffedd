import { createHash } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno, WindowboxError } from '../../errors/index.js';
import { readTar, type TarEntry, type TarHeader } from '../../platform/index.js';
import { type IgnoreTest, parseIgnore } from '../parse/match-patterns.js';

/** Files that COPY and ADD take from: the context, unpacked into a folder of ours. */
export interface BuildContext {
  readonly folder: string;
  /** SHA-256 of each file by its path on this machine, taken when it came: nobody changes a context. */
  readonly digests: ReadonlyMap<string, Buffer>;
  readonly ignored: IgnoreTest;
  readDockerfile(path: string): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Unpacks a context. It comes from the client, so nothing in it reaches out of its folder.
 *
 * @throws WindowboxError `invalid-argument` for an entry that would.
 */
export async function openContext(tar: AsyncIterable<Uint8Array>, parent: string): Promise<BuildContext> {
  const outer = await mkdtemp(join(parent, 'context-'));
  // Nobody else may enter the outer one; programs of containers read the inner one where it is mounted.
  const folder = join(outer, 'files');
  try {
    await mkdir(folder);
    await chmod(folder, 0o755);
    const unpacked: Unpacked = { folder, digests: new Map(), links: [] };
    for await (const entry of readTar(tar)) await takeEntry(unpacked, entry);
    // Links come last: nothing can be written through one.
    for (const [path, target] of unpacked.links) await makeLink(path, target);
    return {
      folder,
      digests: unpacked.digests,
      ignored: parseIgnore((await readOptional(folder, ['.dockerignore'])) ?? ''),
      readDockerfile: async (path) => readDockerfile(folder, path),
      remove: async () => rm(outer, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(outer, { recursive: true, force: true });
    throw error;
  }
}

interface Unpacked {
  readonly folder: string;
  readonly digests: Map<string, Buffer>;
  readonly links: [path: string, target: string][];
}

async function takeEntry(unpacked: Unpacked, { header, body }: TarEntry): Promise<void> {
  const path = pathOf(unpacked.folder, header.name);
  if (header.type === 'folder') mkdirSync(path, { recursive: true });
  if (path === unpacked.folder || header.type === 'folder' || header.type === 'other') return;
  mkdirSync(dirname(path), { recursive: true });
  if (header.type === 'symlink') unpacked.links.push([path, header.linkName]);
  else if (header.type === 'hardlink') takeHardLink(unpacked, path, header.linkName);
  else unpacked.digests.set(path, await writeFile(path, header, body));
}

/** Synchronous calls: a thread's turn for each costs many times what they do. */
async function writeFile(path: string, header: TarHeader, body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const hash = createHash('sha256');
  const file = openNew(path);
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done);
    }
    const seconds = Number(header.modified) / 1e9;
    futimesSync(file, seconds, seconds);
    fchmodSync(file, header.mode & 0o200 ? 0o644 : 0o444);
  } finally {
    closeSync(file);
  }
  return hash.digest();
}

/** Never what is there already, which may have another name too. */
function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o644);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    unlinkSync(path);
    return openSync(path, 'wx', 0o644);
  }
}

/** Docker's client sends the second name of a file so. */
function takeHardLink({ folder, digests }: Unpacked, path: string, target: string): void {
  const source = pathOf(folder, target);
  const digest = digests.get(source);
  if (digest === undefined)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot unpack context entry ${JSON.stringify(path.slice(folder.length + 1))}: it links to ${JSON.stringify(target)}, which did not come before it`,
    );
  if (source === path) return;
  rmSync(path, { force: true });
  linkSync(source, path);
  digests.set(path, digest);
}

function pathOf(folder: string, name: string): string {
  const parts = name
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || name.includes('\0'))
    throw new WindowboxError(
      'invalid-argument',
      `Cannot unpack context entry ${JSON.stringify(name)}: it leads out of the context`,
    );
  return join(folder, ...parts);
}

/** A link is only looked at, never followed: what it says goes into the image. */
async function makeLink(path: string, target: string): Promise<void> {
  await rm(path, { force: true, recursive: true });
  await symlink(target, path);
}

async function readDockerfile(folder: string, path: string): Promise<string> {
  const parts = path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  const found = await readOptional(folder, parts);
  if (found === undefined) throw new WindowboxError('invalid-argument', `Cannot locate specified Dockerfile: ${path}`);
  if (found.trim() === '') throw new WindowboxError('invalid-argument', `the Dockerfile (${path}) cannot be empty`);
  return found;
}

/** Links are not followed, which could lead to any file of this machine. */
async function readOptional(folder: string, parts: readonly string[]): Promise<string | undefined> {
  const isPlain = parts.every((_, depth) => {
    const stats = lstatSync(join(folder, ...parts.slice(0, depth + 1)), { throwIfNoEntry: false });
    return depth === parts.length - 1 ? stats?.isFile() === true : stats?.isDirectory() === true;
  });
  return isPlain && !parts.includes('..') ? readFile(join(folder, ...parts), 'utf8') : undefined;
}

/** The digest of a text that stands for files: a heredoc's, a download's. */
export function digestOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
