import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import type { ContextInput } from '../build-request.js';
import type { FileTree } from '../files/file-tree.js';
import { type ListedTreeOptions, openListedTree } from '../files/listed-tree.js';
import { spoolTar } from '../files/spool-tar.js';
import { filesBelow, writeTree } from '../files/write-tree.js';
import { type IgnoreTest, parseIgnore } from '../parse/match-patterns.js';

/** Files that COPY and ADD take from. What was read of them once stays what it is. */
export interface BuildContext {
  readonly files: FileTree;
  /** A file or folder of it on this machine, for what mounts it; made when it is first asked for. */
  path(place: readonly string[]): Promise<string>;
  /** Brings all that is below these places here, at the first call; a context that came as a whole is here already. */
  settle(tops: readonly (readonly string[])[]): Promise<void>;
  readonly ignored: IgnoreTest;
  readDockerfile(path: string): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Takes a context in. It comes from the client, so nothing in it reaches out of it. `dockerfile`: its own ignore file goes before the
 * context's, as in BuildKit.
 *
 * @throws WindowboxError `invalid-argument` for an entry that would.
 */
export async function openContext(
  input: ContextInput,
  { dockerfile, ...options }: ListedTreeOptions & { readonly dockerfile: string },
): Promise<BuildContext> {
  const { parent } = options;
  const files =
    input.type === 'tar' ? await spoolTar(input.bytes, parent) : await openListedTree(input.listing, options);
  const written = new Map<string, Promise<string>>();
  let settled = input.type === 'tar' ? Promise.resolve() : undefined;
  try {
    const ignoreFiles = [partsOf(`${dockerfile}.dockerignore`), ['.dockerignore']];
    await bringTexts(files, [partsOf(dockerfile), ...ignoreFiles]);
    let ignore: string | undefined;
    for (const place of ignoreFiles) ignore ??= await readText(files, place);
    return {
      files,
      path: async (place) => {
        const key = place.join('/');
        const known = written.get(key) ?? writePart(files, place, parent);
        written.set(key, known);
        return known;
      },
      settle: async (tops) => {
        settled ??= files.bring(
          tops.flatMap((top) => filesBelow(files, top)),
          'content',
        );
        return settled;
      },
      ignored: parseIgnore(ignore ?? ''),
      readDockerfile: async (path) => readDockerfile(files, path),
      remove: async () => {
        await files.close();
        for (const path of await Promise.allSettled(written.values()))
          if (path.status === 'fulfilled') await rm(join(path.value, '..'), { recursive: true, force: true });
      },
    };
  } catch (error) {
    await files.close();
    throw error;
  }
}

/** All at once, those that are there and that are no more than a text. */
async function bringTexts(files: FileTree, places: readonly (readonly string[])[]): Promise<void> {
  const there = places.filter((place) => {
    const entry = files.find(place);
    return entry?.type === 'file' && entry.size <= maxText;
  });
  await files.bring(there, 'content');
}

/** Nobody else may enter the outer folder; programs of containers read what is in it where it is mounted. */
async function writePart(tree: FileTree, place: readonly string[], parent: string): Promise<string> {
  const outer = await mkdtemp(join(parent, 'context-'));
  try {
    const path = join(outer, 'files');
    await writeTree({ tree, place, path });
    return path;
  } catch (error) {
    await rm(outer, { recursive: true, force: true });
    throw error;
  }
}

async function readDockerfile(files: FileTree, path: string): Promise<string> {
  const found = await readText(files, partsOf(path));
  if (found === undefined) throw new WindowboxError('invalid-argument', `Cannot locate specified Dockerfile: ${path}`);
  if (found.trim() === '') throw new WindowboxError('invalid-argument', `the Dockerfile (${path}) cannot be empty`);
  return found;
}

function partsOf(path: string): string[] {
  return path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
}

async function readText(files: FileTree, place: readonly string[]): Promise<string | undefined> {
  const entry = files.find(place);
  if (entry?.type !== 'file') return undefined;
  if (entry.size > maxText)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot read "${place.join('/')}": ${String(entry.size)} bytes is too long`,
    );
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.read(place)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const maxText = 16 * 2 ** 20;
