import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import type { FileTree } from '../files/file-tree.js';
import { spoolTar } from '../files/spool-tar.js';
import { writeTree } from '../files/write-tree.js';
import { type IgnoreTest, parseIgnore } from '../parse/match-patterns.js';

/** Files that COPY and ADD take from. Nobody changes them while they are here. */
export interface BuildContext {
  readonly files: FileTree;
  /** The files as a folder of this machine, for what mounts them; made when it is first asked for. */
  folder(): Promise<string>;
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
  tar: AsyncIterable<Uint8Array>,
  { parent, dockerfile }: { readonly parent: string; readonly dockerfile: string },
): Promise<BuildContext> {
  const files = await spoolTar(tar, parent);
  const written: { folder?: Promise<string> } = {};
  try {
    const ignore =
      (await readText(files, partsOf(`${dockerfile}.dockerignore`))) ?? (await readText(files, ['.dockerignore']));
    return {
      files,
      folder: async () => (written.folder ??= writeFolder(files, parent)),
      ignored: parseIgnore(ignore ?? ''),
      readDockerfile: async (path) => readDockerfile(files, path),
      remove: async () => {
        files.close();
        const folder = await written.folder?.catch(() => undefined);
        if (folder !== undefined) await rm(dirname(folder), { recursive: true, force: true });
      },
    };
  } catch (error) {
    files.close();
    throw error;
  }
}

/** Nobody else may enter the outer folder; programs of containers read the inner one where it is mounted. */
async function writeFolder(files: FileTree, parent: string): Promise<string> {
  const outer = await mkdtemp(join(parent, 'context-'));
  try {
    const folder = join(outer, 'files');
    await mkdir(folder);
    await chmod(folder, 0o755);
    await writeTree(files, folder);
    return folder;
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

/** The digest of a text that stands for files: a heredoc's, a download's. */
export function digestOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const maxText = 16 * 2 ** 20;
