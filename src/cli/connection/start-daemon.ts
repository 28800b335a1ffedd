import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WindowboxError } from '../../errors/index.js';
import { resolvePaths, startDetached } from '../../platform/index.js';
import { daemonEnvironment } from './daemon-environment.js';
import { prepareRuntime } from './prepare-runtime.js';

/**
 * Starts the daemon in a session of its own, its output in `<home>/daemon.log`, and waits until it takes a connection.
 * Two CLIs may do this at once: the daemon that comes second ends by itself, and both find the first.
 *
 * @throws WindowboxError `permission-denied` for anybody but root, `unavailable` with the log's last lines when it ends or does not listen in time.
 */
export async function startDaemon(tryConnect: () => Promise<Socket>): Promise<Socket> {
  if (process.getuid?.() !== 0)
    throw new WindowboxError('permission-denied', 'Cannot start the windowbox daemon: only root can, and none runs', {
      hint: 'Start it once as root: sudo windowbox ps. It stays; members of the group "windowbox" reach it then without root.',
    });
  await prepareRuntime();
  const { home } = resolvePaths();
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const logFile = join(home, 'daemon.log');
  const log = openSync(logFile, 'a', 0o600);
  const place = { logFile, from: fstatSync(log).size };
  const child = startDetached(process.execPath, [...daemonFlags, daemonProgram()], {
    output: log,
    env: daemonEnvironment(),
  });
  closeSync(log);
  const limit = Date.now() + startLimitMs;
  let endedAt: number | undefined;
  while (Date.now() < limit) {
    const socket = await tryConnect().catch(() => undefined);
    if (socket !== undefined) return socket;
    endedAt ??= child.hasEnded() ? Date.now() : undefined;
    if (endedAt !== undefined && Date.now() - endedAt > otherDaemonMs) throw failedStart('it ended', place);
    await sleep(10);
  }
  throw failedStart(`it does not listen after ${String(startLimitMs / 1000)} s`, place);
}

/** A young generation of 4 MB and not of 16: the daemon's memory after work is 30 MB less, and nothing that was measured is slower. */
export const daemonFlags: readonly string[] = ['--max-semi-space-size=4'];

/** The daemon's program: beside the bundled CLI, or its compiled module where the CLI runs unbundled, as in tests. */
export function daemonProgram(): string {
  const folder = dirname(process.argv[1] ?? '');
  const found = [join(folder, 'daemon.mjs'), join(folder, '../daemon/main.js')].find((path) => existsSync(path));
  if (found === undefined)
    throw new WindowboxError('unavailable', `Cannot start the windowbox daemon: no daemon.mjs in "${folder}"`, {
      hint: 'Run "npm run build" in the Windowbox folder.',
    });
  return found;
}

/** What daemons before it had to say explains nothing. */
function failedStart(
  why: string,
  { logFile, from }: { readonly logFile: string; readonly from: number },
): WindowboxError {
  const tail = readFileSync(logFile).subarray(from).toString().trim().split('\n').slice(-8).join('\n');
  return new WindowboxError('unavailable', `Cannot start the windowbox daemon: ${why}`, {
    hint: `The end of ${logFile}:\n${tail}\nRun "windowbox daemon" to see it in the foreground, "windowbox doctor" to check this machine.`,
  });
}

const startLimitMs = 30_000;
/** How long a daemon that another CLI started may still need after ours has ended. */
const otherDaemonMs = 2000;
