import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../src/platform/index.js';

/** Debian's Docker Engine, for comparison: a daemon of its own in a temporary folder, with one image that holds nothing but busybox. */
export interface DockerPeer {
  readonly host: string;
  readonly version: string;
  readonly image: string;
  /** Ends the daemon, and starts it anew; resolves when it takes a connection. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** undefined where it cannot run; `reason` says why. */
export async function startDockerPeer(): Promise<DockerPeer | { readonly reason: string }> {
  const missing = [
    ['dockerd', '/usr/sbin/dockerd', 'docker.io'],
    ['busybox', '/bin/busybox', 'busybox-static'],
  ].find(([, path]) => !existsSync(path ?? ''));
  if (missing)
    return {
      reason: `${missing[0] ?? ''} is not installed: apt-get install --no-install-recommends ${missing[2] ?? ''}`,
    };
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-bench-docker-'));
  const host = `unix://${join(folder, 'docker.sock')}`;
  let daemon = startDaemon(folder, host);
  const close = async (): Promise<void> => {
    await end(daemon);
    await rm(folder, { recursive: true, force: true });
  };
  const restart = async (): Promise<void> => {
    await end(daemon);
    daemon = startDaemon(folder, host);
    await waitForSocket(join(folder, 'docker.sock'));
  };
  try {
    const version = await waitForVersion(host);
    return { host, version, image: await importBusybox(host, folder), restart, close };
  } catch (error) {
    await close();
    return { reason: `dockerd does not start here: ${String(error)}` };
  }
}

function startDaemon(folder: string, host: string): ChildProcess {
  return spawn(
    '/usr/sbin/dockerd',
    [
      `--host=${host}`,
      `--data-root=${join(folder, 'data')}`,
      `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${join(folder, 'pid')}`,
      '--storage-driver=overlay2',
    ],
    { stdio: 'ignore' },
  );
}

async function waitForSocket(path: string): Promise<void> {
  for (let attempt = 0; attempt < 3000; attempt += 1) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connect(path, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (connected) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Nothing answers at ${path}`);
}

async function waitForVersion(host: string): Promise<string> {
  let last: unknown;
  for (let attempt = 0; attempt < 60; attempt += 1) {
    try {
      const { stdout } = await runCommand('docker', ['-H', host, 'version', '--format', '{{.Server.Version}}'], {
        timeoutMs: 5000,
      });
      return stdout.trim();
    } catch (error) {
      last = error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  throw last;
}

async function importBusybox(host: string, folder: string): Promise<string> {
  const root = join(folder, 'root');
  await mkdir(join(root, 'bin'), { recursive: true });
  await copyFile('/bin/busybox', join(root, 'bin/sh'));
  await runCommand('tar', ['-C', root, '-cf', join(folder, 'root.tar'), '.'], { timeoutMs: 20_000 });
  await runCommand('docker', ['-H', host, 'import', join(folder, 'root.tar'), 'empty:1'], { timeoutMs: 60_000 });
  return 'empty:1';
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}
