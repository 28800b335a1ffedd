// `npm run bench:run -- [ROUNDS]`: how long a Windows program takes from `windowbox run` to its end, against Docker Engine and an empty Linux
// container in the same minutes on the same machine. As root; needs Debian's docker.io for the peer.
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolvePaths, runCommand } from '../src/platform/index.js';
import { type DockerPeer, startDockerPeer } from './docker-peer.js';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
const rounds = Number(process.argv[2] ?? 15);
const image = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
const state = await mkdtemp(join(tmpdir(), 'windowbox-bench-run-'));
const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
const env = {
  ...inherited,
  WINDOWBOX_HOME: join(state, 'home'),
  WINDOWBOX_RUN: join(state, 'run'),
  WINDOWBOX_RUNTIME: resolvePaths().runtime,
};

print(
  'machine',
  `${cpus()[0]?.model ?? 'unknown'}, ${String(availableParallelism())} processors, load ${(loadavg()[0] ?? 0).toFixed(1)}`,
);
const peer = await startDockerPeer();
try {
  await benchStarts('reason' in peer ? undefined : peer);
  if ('reason' in peer) print('Docker Engine', `not measured: ${peer.reason}`);
} finally {
  if (!('reason' in peer)) await peer.close();
  await stopDaemon();
  await rm(state, { recursive: true, force: true });
}

async function benchStarts(docker: DockerPeer | undefined): Promise<void> {
  const runDocker = async (): Promise<number> =>
    docker === undefined
      ? Number.NaN
      : time('docker', ['-H', docker.host, 'run', '--rm', docker.image, '/bin/sh', '-c', 'exit 0']);
  const first = await timeWindowbox(['run', '--rm', image, 'cmd', '/c', 'ver']);
  print('first run ever, daemon start included', `${first.toFixed(0)} ms`);
  await runDocker();
  await benchAfterStart(docker, runDocker);
  const own: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    own.push(await timeWindowbox(['run', '--rm', image, 'cmd', '/c', 'ver']));
    peers.push(await runDocker());
    // People do not start containers back to back; what is prepared in between is what they would have too.
    await pause(1500);
  }
  compare('run --rm nanoserver cmd /c ver', own, peers, docker);
  await benchBackToBack(docker, runDocker);
  await benchExec();
  await benchIdle();
  for (const count of [20, 50]) await benchMany(docker, count);
}

/** From no daemon at all: its start and a run, of images and bases that are known. Then a run when the daemon has been up for a moment. */
async function benchAfterStart(docker: DockerPeer | undefined, runDocker: () => Promise<number>): Promise<void> {
  const own: number[] = [];
  const peers: number[] = [];
  const settled: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await stopDaemon();
    own.push(await timeWindowbox(['run', '--rm', image, 'cmd', '/c', 'ver']));
    await stopDaemon();
    await windowbox(['ps']);
    await pause(1500);
    settled.push(await timeWindowbox(['run', '--rm', image, 'cmd', '/c', 'ver']));
    const begin = performance.now();
    await docker?.restart();
    const restarted = performance.now() - begin;
    peers.push(restarted + (await runDocker()));
  }
  compare("a run with the daemon's own start", own, peers, docker);
  const again: number[] = [];
  for (let round = 0; round < 3; round += 1) again.push(await runDocker());
  compare("the first run after the daemon's start", settled, again, docker);
}

/** Without a pause: every second start or so finds nothing prepared. */
async function benchBackToBack(docker: DockerPeer | undefined, runDocker: () => Promise<number>): Promise<void> {
  const own: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    own.push(await timeWindowbox(['run', '--rm', image, 'cmd', '/c', 'ver']));
  for (let round = 0; round < rounds; round += 1) peers.push(await runDocker());
  compare('the same, one after the other without a pause', own, peers, docker);
}

/** The limit: a program in a container that runs already. */
async function benchExec(): Promise<void> {
  await timeWindowbox(['run', '-d', '--name', 'limit', image, 'cmd', '/c', 'ping -n 9999 127.0.0.1 >nul']);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    times.push(await timeWindowbox(['exec', 'limit', 'cmd', '/c', 'ver']));
  print('exec cmd /c ver in a running container', `${median(times).toFixed(0)} ms`);
}

async function benchIdle(): Promise<void> {
  const { stdout } = await windowbox(['inspect', '-f', '{{.State.Pid}}', 'limit']);
  const own = await memoryOf(Number(stdout.trim()));
  print('idle container, memory of its own', `${(own / 1e6).toFixed(0)} MB`);
  await windowbox(['rm', '-f', 'limit']);
}

/** Memory that would be free without this container: Pss of every process below its init. */
async function memoryOf(init: number): Promise<number> {
  const { stdout } = await runCommand('ps', ['-e', '-o', 'pid=,ppid='], { timeoutMs: 5000 });
  const parents = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/u).map(Number));
  const tree = new Set([init]);
  for (let size = 0; size < tree.size;) {
    size = tree.size;
    for (const [pid = 0, parent = 0] of parents) if (tree.has(parent)) tree.add(pid);
  }
  let bytes = 0;
  for (const pid of tree) {
    const rollup = await readFile(`/proc/${String(pid)}/smaps_rollup`, 'utf8').catch(() => '');
    bytes += Number(/^Pss:\s+(\d+) kB$/mu.exec(rollup)?.[1] ?? 0) * 1024;
  }
  return bytes;
}

async function benchMany(docker: DockerPeer | undefined, count: number): Promise<void> {
  const startAll = async (one: (index: number) => Promise<unknown>): Promise<number> => {
    const begin = performance.now();
    await Promise.all(Array.from({ length: count }, async (_unused, index) => one(index)));
    return performance.now() - begin;
  };
  const own = await startAll(async () => windowbox(['run', '--rm', image, 'cmd', '/c', 'ver']));
  const theirs = docker
    ? await startAll(async () =>
        runCommand('docker', ['-H', docker.host, 'run', '--rm', docker.image, '/bin/sh', '-c', 'exit 0'], {
          timeoutMs: 300_000,
        }),
      )
    : Number.NaN;
  compare(`${String(count)} at once, until all have ended`, [own], [theirs], docker);
}

function compare(name: string, own: readonly number[], peers: readonly number[], docker: DockerPeer | undefined): void {
  const ours = median(own);
  if (docker === undefined) {
    print(name, `${ours.toFixed(0)} ms`);
    return;
  }
  const theirs = median(peers);
  print(
    name,
    `${(ours / theirs).toFixed(2)} of Docker Engine ${docker.version} (${ours.toFixed(0)} ms against ${theirs.toFixed(0)} ms)`,
  );
}

async function timeWindowbox(args: readonly string[]): Promise<number> {
  return time(process.execPath, [join(repository, 'dist/bin/cli.js'), ...args]);
}

async function windowbox(args: readonly string[]): Promise<{ readonly stdout: string }> {
  return runCommand(process.execPath, [join(repository, 'dist/bin/cli.js'), ...args], { env, timeoutMs: 300_000 });
}

async function time(file: string, args: readonly string[]): Promise<number> {
  const begin = performance.now();
  await runCommand(file, args, { env, timeoutMs: 300_000 });
  return performance.now() - begin;
}

/** Resolves when it has ended, its sandboxes and namespaces gone. */
async function stopDaemon(): Promise<void> {
  const lock = await readFile(join(state, 'home/daemon.lock'), 'utf8').catch(() => '');
  const pid = Number(lock.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  process.kill(pid, 'SIGTERM');
  for (let attempt = 0; attempt < 500 && existsSync(`/proc/${String(pid)}`); attempt += 1) await pause(20);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(48)} ${value}\n`);
}
