import { join } from 'node:path';
import { describeError, isErrorCode, WindowboxError } from '../../errors/index.js';
import { filterThrough, runCommand, tryCommand } from '../../platform/index.js';

/** A folder with git's objects alone: no working copy, no hooks, no configuration of any repository that it has objects of. */
export interface GitStore {
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Its output. @throws WindowboxError as `runCommand`, and `resource-exhausted` for an output that is too long. */
export async function runGit(store: GitStore, args: readonly string[], input = ''): Promise<string> {
  const words = [`--git-dir=${store.folder}`, '-c', 'gc.auto=0', '-c', 'maintenance.auto=false', ...args];
  const { stdout } = await runCommand('git', words, { ...settingsOf(store), input });
  if (stdout.length < maxOutput) return stdout;
  throw new WindowboxError('resource-exhausted', `Cannot read what git says of "${args[0] ?? ''}": it is too long`);
}

/** What git writes of objects that are there, however long it is. */
export function streamGit(store: GitStore, args: readonly string[]): AsyncIterable<Uint8Array> {
  return filterThrough('git', [`--git-dir=${store.folder}`, ...args], nothing());
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/**
 * Brings a commit, without its history where the server allows that. Answers its id.
 *
 * @throws WindowboxError `unavailable`, with `what` in the message; `cancelled`.
 */
export async function fetchCommit(
  store: GitStore,
  { url, reference, what }: { readonly url: string; readonly reference: string; readonly what: string },
): Promise<string> {
  const fetch = ['fetch', '-q', '--no-tags', '--no-recurse-submodules'];
  const isId = /^(?:[\da-f]{40}|[\da-f]{64})$/u.test(reference);
  try {
    try {
      await runGit(store, [...fetch, '--depth', '1', '--', url, reference]);
    } catch (error) {
      if (!isId || isErrorCode(error, 'cancelled')) throw error;
      // A server may give by name only what has one: then the commit is in the history of something.
      const all = ['heads', 'tags'].map((kind) => `+refs/${kind}/*:refs/of/${reference}/${kind}/*`);
      await runGit(store, [...fetch, '--', url, ...all]);
    }
    const found = await runGit(store, ['rev-parse', '--verify', '-q', `${isId ? reference : 'FETCH_HEAD'}^{commit}`]);
    return found.trim();
  } catch (error) {
    if (isErrorCode(error, 'cancelled')) throw error;
    throw new WindowboxError(
      'unavailable',
      `unable to prepare context: unable to 'git clone' ${what}: ${describeError(error)}`,
      { cause: error },
    );
  }
}

/** Whether there is such a file. @throws WindowboxError `invalid-argument` when it is longer than `max` bytes. */
export async function hasBlob(store: GitStore, name: string, max: number): Promise<boolean> {
  const { exitCode, stdout } = await tryCommand(
    'git',
    [`--git-dir=${store.folder}`, 'cat-file', '-s', name],
    settingsOf(store),
  );
  if (exitCode !== 0) return false;
  if (Number(stdout) <= max) return true;
  throw new WindowboxError(
    'invalid-argument',
    `unable to prepare context: "${name}" has more than ${String(max)} bytes`,
  );
}

/** Whatever this machine's user allows, and wherever a server redirects to: only these protocols, and no question at a terminal. */
function settingsOf({ folder, signal }: GitStore) {
  const own = {
    GIT_ALLOW_PROTOCOL: 'http:https:git:ssh',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_INDEX_FILE: join(folder, 'index'),
  };
  return { env: { ...process.env, ...own }, signal, timeoutMs: 600_000, maxOutput };
}

/** Of characters. */
const maxOutput = 1 << 20;
