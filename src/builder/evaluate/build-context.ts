import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { readTar, type TarEntry } from '../../platform/index.js';
import { type IgnoreTest, parseIgnore } from '../parse/match-patterns.js';

/** Files that COPY and ADD take from: the context, unpacked into a folder of ours. */
export interface BuildContext {
  readonly folder: string;
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
    const links: [string, string][] = [];
    for await (const entry of readTar(tar)) await takeEntry(folder, entry, links);
    // Links come last: nothing can be written through one.
    for (const [path, target] of links) await makeLink(path, target);
    return {
      folder,
      ignored: parseIgnore((await readOptional(folder, ['.dockerignore'])) ?? ''),
      readDockerfile: async (path) => readDockerfile(folder, path),
      remove: async () => rm(outer, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(outer, { recursive: true, force: true });
    throw error;
  }
}

async function takeEntry(folder: string, { header, body }: TarEntry, links: [string, string][]): Promise<void> {
  const parts = header.name
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || header.name.includes('\0'))
    throw new WindowboxError(
      'invalid-argument',
      `Cannot unpack context entry ${JSON.stringify(header.name)}: it leads out of the context`,
    );
  const path = join(folder, ...parts);
  if (header.type === 'folder') await mkdir(path, { recursive: true });
  if (parts.length === 0 || header.type === 'folder' || header.type === 'other') return;
  await mkdir(dirname(path), { recursive: true });
  if (header.type === 'symlink') links.push([path, header.linkName]);
  if (header.type !== 'file') return;
  const file = await open(path, 'w', 0o644);
  try {
    for await (const chunk of body) await file.writeFile(chunk);
    const seconds = Number(header.modified) / 1e9;
    await file.utimes(seconds, seconds);
  } finally {
    await file.close();
  }
  await chmod(path, header.mode & 0o200 ? 0o644 : 0o444);
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
