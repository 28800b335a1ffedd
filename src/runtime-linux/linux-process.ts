import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { WindowboxError } from '../errors/index.js';

/** A process of the host: its id together with its start time is never used twice. */
export interface LinuxProcess {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
}

/** @throws WindowboxError `unavailable` when it has gone. */
export async function identifyProcess(pid: number): Promise<LinuxProcess> {
  const stat = await readStat(pid);
  if (stat === undefined)
    throw new WindowboxError('unavailable', `Cannot identify process "${String(pid)}": it has ended`);
  return { pid, startTime: stat.startTime };
}

/** True while it runs; a zombie has ended. */
export async function isRunning(process: LinuxProcess): Promise<boolean> {
  const stat = await readStat(process.pid);
  return stat !== undefined && stat.startTime === process.startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** Sends SIGKILL, unless the id means another process by now. */
export async function killProcess(target: LinuxProcess): Promise<void> {
  if (!(await isRunning(target))) return;
  try {
    process.kill(target.pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

/** Resolves with true when it has ended, with false when it still runs after `timeoutMs`. */
export async function waitForEnd(process: LinuxProcess, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  for (let pause = 1; await isRunning(process); pause = Math.min(50, pause * 2)) {
    if (Date.now() > end) return false;
    await sleep(pause);
  }
  return true;
}

async function readStat(pid: number): Promise<{ readonly state: string; readonly startTime: number } | undefined> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // The name, in parentheses, may hold anything: fields are counted from its end.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? 'X', startTime: Number(fields[19]) };
}
