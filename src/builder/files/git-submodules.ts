import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, isErrorCode, WindowboxError } from '../../errors/index.js';
import { fetchCommit, type GitStore, hasBlob, runGit, streamGit } from './git-store.js';
import { submoduleUrl } from './submodule-url.js';

export interface Superproject {
  /** Of which the addresses of its submodules are relative. */
  readonly url: string;
  readonly commit: string;
  /** Submodules with no part in this folder are left out; empty: the whole is wanted. */
  readonly folder: string;
}

interface Submodule {
  /** From the top. */
  readonly path: string;
  readonly commit: string;
}

/**
 * Puts the submodules' files, and those of theirs, into the places that a commit has for them: each of the commit that is recorded there, and no other.
 * Answers what to read; the commit itself where there are none. They are joined in an index, which takes no path that leads out or to a `.git`.
 *
 * @throws WindowboxError `invalid-argument` for a submodule that cannot be, `unavailable`, `resource-exhausted` for too many or too deep ones.
 */
export async function addSubmodules(store: GitStore, top: Superproject): Promise<string> {
  const submodules: Submodule[] = [];
  await collect(store, top, { into: submodules, path: '', depth: 0 });
  if (submodules.length === 0) return top.commit;
  try {
    return await joinTrees(store, top.commit, submodules);
  } catch (error) {
    throw refusal(error, `the submodules of "${top.url}" do not fit into it`);
  }
}

async function joinTrees(store: GitStore, top: string, submodules: readonly Submodule[]): Promise<string> {
  // For a prefix git wants a working copy, in which it lays down nothing.
  const none = join(store.folder, 'none');
  await mkdir(none);
  await runGit(store, ['read-tree', top]);
  for (const { path, commit } of submodules) {
    await runGit(store, ['update-index', '-z', '--index-info'], `0 ${'0'.repeat(commit.length)}\t${path}\0`);
    await runGit(store, [`--work-tree=${none}`, 'read-tree', `--prefix=${path}/`, commit]);
  }
  return (await runGit(store, ['write-tree'])).trim();
}

interface Collection {
  /** Each after the one that it is in. */
  readonly into: Submodule[];
  readonly path: string;
  readonly depth: number;
}

async function collect(store: GitStore, project: Superproject, { into, path, depth }: Collection): Promise<void> {
  const links = (await readLinks(store, project.commit)).filter((link) =>
    isInFolder(`${path}${link.path}`, project.folder),
  );
  if (links.length === 0) return;
  const modules = await readModules(store, project.commit);
  for (const link of links) {
    const module = modules.get(link.path);
    if (module?.['update'] === 'none') continue;
    if (module?.['url'] === undefined)
      throw new WindowboxError(
        'invalid-argument',
        `unable to prepare context: No url found for submodule path '${path}${link.path}' in .gitmodules`,
      );
    if (into.length >= mostSubmodules || depth >= deepest) throw tooMany(project.url);
    const url = submoduleUrl(project.url, module['url']);
    const place = `${path}${link.path}`;
    const what = `"${url}" for the submodule "${place}"`;
    const commit = await fetchCommit(store, { url, reference: link.commit, what });
    into.push({ path: place, commit });
    await collect(store, { ...project, url, commit }, { into, path: `${place}/`, depth: depth + 1 });
  }
}

/** Where a commit has submodules, and which commits they are at. A link in the place of `.gitmodules` is refused, as by git. */
async function readLinks(store: GitStore, commit: string): Promise<readonly Submodule[]> {
  const links: Submodule[] = [];
  let rest = Buffer.alloc(0);
  for await (const chunk of streamGit(store, ['ls-tree', '-r', '-z', '--full-tree', commit])) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const [, mode, id = '', path = ''] = /^(\d+) \w+ (\w+)\t(.*)$/su.exec(rest.toString('utf8', 0, end)) ?? [];
      rest = rest.subarray(end + 1);
      if (path === '.gitmodules' && mode === '120000') throw notASubmodule(path);
      if (mode !== '160000') continue;
      if (path.includes('\uFFFD') || path.split('/').some(isReserved)) throw notASubmodule(path);
      links.push({ path, commit: id });
      if (links.length > mostSubmodules) throw tooMany(commit);
    }
  }
  return links;
}

/** What `.gitmodules` says, by path. It is read by git as a file alone, and nothing of it becomes configuration. */
async function readModules(
  store: GitStore,
  commit: string,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const name = `${commit}:.gitmodules`;
  if (!(await hasBlob(store, name, longestModules))) return new Map();
  const words = ['config', '--no-includes', '--blob', name, '-z', '--list'];
  const said = await runGit(store, words).catch((error: unknown) => {
    throw refusal(error, 'its .gitmodules cannot be read');
  });
  const modules = new Map<string, Record<string, string>>();
  for (const line of said.split('\0')) {
    const [, module, key, value] = /^submodule\.(.*)\.(path|url|update)\n(.*)$/su.exec(line) ?? [];
    if (module === undefined || key === undefined || value === undefined) continue;
    modules.set(module, { ...modules.get(module), [key]: value });
  }
  return new Map([...modules.values()].map((module) => [(module['path'] ?? '').replace(/\/+$/u, ''), module]));
}

/** Also of a folder inside the submodule. */
function isInFolder(path: string, folder: string): boolean {
  return folder === '' || `${path}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${path}/`);
}

/** Names that no file of a repository has, with those that Windows and macOS take for `.git`. */
function isReserved(part: string): boolean {
  return part === '' || part === '.' || part === '..' || /^(?:\.git|git~1)[\s.]*$/iu.test(part);
}

function notASubmodule(path: string): WindowboxError {
  return new WindowboxError('invalid-argument', `unable to prepare context: no submodule can be at "${path}"`);
}

/** What git does not take of others' files is no failure of ours. */
function refusal(error: unknown, what: string): unknown {
  if (!isErrorCode(error, 'internal')) return error;
  const message = `unable to prepare context: ${what}: ${describeError(error)}`;
  return new WindowboxError('invalid-argument', message, { cause: error });
}

function tooMany(where: string): WindowboxError {
  return new WindowboxError(
    'resource-exhausted',
    `unable to prepare context: "${where}" has too many submodules, or they are too deep in each other`,
    {
      hint: `At most ${String(mostSubmodules)} in all and ${String(deepest)} in each other. Clone it with "git clone --recurse-submodules" and build the folder.`,
    },
  );
}

const mostSubmodules = 256;
const deepest = 8;
const longestModules = 128 << 10;
