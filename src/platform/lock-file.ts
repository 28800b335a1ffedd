import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrno, WindowboxError } from '../errors/index.js';

export interface LockOptions {
  /** Milliseconds to wait for another holder. */
  readonly timeoutMs: number;
  /** Called once, when the lock is held by another process. */
  readonly onWait?: (holder: number) => void;
}

/**
 * Takes a lock that one process of this machine holds at a time; resolves with the function that gives it back. A lock whose holder has died
 * (same process id and start time no longer there) is taken over, so a crash or a reboot never leaves it held.
 *
 * @throws WindowboxError `timeout` when another process still holds it after `timeoutMs`.
 */
export async function lockFile(path: string, options: LockOptions): Promise<() => Promise<void>> {
  const own = `${String(process.pid)} ${await startTimeOf(process.pid)}\n`;
  const deadline = Date.now() + options.timeoutMs;
  let told = false;
  for (;;) {
    if (await tryCreate(path, own)) return async () => rm(path, { force: true });
    const holder = await findHolder(path);
    if (holder === undefined) continue;
    if (!told) options.onWait?.(holder);
    told = true;
    if (Date.now() >= deadline)
      throw new WindowboxError('timeout', `Cannot lock "${path}": process ${String(holder)} holds it`);
    await delay(Math.min(200, Math.max(1, deadline - Date.now())));
  }
}

/** By hard link, so that the lock is never seen without its holder's name in it. */
async function tryCreate(path: string, content: string): Promise<boolean> {
  const own = `${path}.${String(process.pid)}.${String(nextNumber++)}`;
  await writeFile(own, content, { mode: 0o600 });
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** The living holder's process id, or undefined after a dead holder's lock has been put out of the way. */
async function findHolder(path: string): Promise<number | undefined> {
  const content = await readIfThere(path);
  if (content === undefined) return undefined;
  const [pid = '', started = ''] = content.trim().split(' ');
  if (started !== '' && (await startTimeOf(Number(pid))) === started) return Number(pid);
  await removeStale(path, content);
  return undefined;
}

/** By rename, so that of two who saw the same dead holder none removes the lock that the other has taken since. */
async function removeStale(path: string, seen: string): Promise<void> {
  const aside = `${path}.stale.${String(process.pid)}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  const moved = await readIfThere(aside);
  if (moved !== seen && moved !== undefined) await rename(aside, path);
  await rm(aside, { force: true });
}

/** Clock ticks since boot at which this process started; empty when there is none. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readIfThere(`/proc/${String(pid)}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return undefined;
    throw error;
  }
}

let nextNumber = 0;
