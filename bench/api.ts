// `npm run bench:api -- [SECONDS]`: requests a second over 16 kept connections, against Docker Engine in the same minutes on the same machine, each
// with 100 created containers. As root; needs Debian's docker.io for the peer.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolvePaths } from '../src/platform/index.js';
import { attachRate } from './attach-rate.js';
import { compileProbe } from './compile-probe.js';
import { startDockerPeer } from './docker-peer.js';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
const seconds = Number(process.argv[2] ?? 3);
const connections = 16;
const containers = 100;
const attachBytes = 160_000_000;

interface Server {
  readonly socket: string;
  readonly image: string;
}

const state = await mkdtemp(join(tmpdir(), 'windowbox-bench-api-'));
const daemon = await startOwn();
const peer = await startDockerPeer();
try {
  print('machine', `${cpus()[0]?.model ?? 'unknown'}, load ${(loadavg()[0] ?? 0).toFixed(1)}`);
  const own = { socket: join(state, 'run/windowbox.sock'), image: 'mcr.microsoft.com/windows/nanoserver:ltsc2025' };
  const other = 'reason' in peer ? undefined : { socket: peer.host.slice('unix://'.length), image: peer.image };
  for (const server of [own, ...(other ? [other] : [])]) await fill(server);
  for (const path of ['/_ping', '/containers/json?all=1', '/containers/bench-1/json']) await compare(path, own, other);
  await compareAttach(own, other);
  print('memory of the daemon', `${String(await residentMegabytes(daemon.pid ?? 0))} MB, after all of this`);
  if ('reason' in peer) print('Docker Engine', `not measured: ${peer.reason}`);
} finally {
  if (!('reason' in peer)) await peer.close();
  daemon.kill('SIGTERM');
  await new Promise((resolve) => daemon.once('exit', resolve));
  await rm(state, { recursive: true, force: true });
}

/** In turns, so that what else the machine does falls on both. */
async function compare(path: string, own: Server, other: Server | undefined): Promise<void> {
  const rates: number[][] = [[], []];
  for (let round = 0; round < 3; round += 1) {
    rates[0]?.push(await rateOf(own, path));
    if (other) rates[1]?.push(await rateOf(other, path));
  }
  printRates(`GET ${path}`, 'a second', rates);
}

/** The best of our rounds, and of Docker's where there are any. */
function printRates(name: string, unit: string, rates: readonly (readonly number[])[]): void {
  const [ours = 0, theirs = 0] = rates.map((list) => Math.max(0, ...list));
  const ratio = theirs > 0 ? `, Docker ${theirs.toFixed(0)}, ratio ${(ours / theirs).toFixed(2)}` : '';
  print(name, `${ours.toFixed(0)} ${unit}${ratio}`);
}

/** Lines of text, through the log of the container too, as both keep it by default. */
async function compareAttach(own: Server, other: Server | undefined): Promise<void> {
  const text = join(state, 'shared/text');
  await mkdir(dirname(text));
  await writeFile(text, `${'0123456789'.repeat(8).slice(1)}\n`.repeat(attachBytes / 80));
  await compileProbe(dirname(text));
  const ours = {
    ...own,
    command: ['cmd', '/c', 'C:\\shared\\probe.exe cat < C:\\shared\\text'],
    binds: [`${dirname(text)}:C:\\shared`],
  };
  const rates: number[][] = [[], []];
  for (let round = 0; round < 3; round += 1) {
    rates[0]?.push(await attachRate(ours, attachBytes));
    if (!other) continue;
    const theirs = { ...other, command: ['sh', '-c', 'cat /shared/text'], binds: [`${dirname(text)}:/shared`] };
    rates[1]?.push(await attachRate(theirs, attachBytes));
  }
  printRates('attach to the output of a program', 'MB a second', rates);
}

async function rateOf(server: Server, path: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const end = Date.now() + seconds * 1000;
  let count = 0;
  const worker = async (): Promise<void> => {
    while (Date.now() < end) {
      await ask(server, 'GET', path, { agent });
      count += 1;
    }
  };
  const begin = Date.now();
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return (count * 1000) / (Date.now() - begin);
}

async function fill(server: Server): Promise<void> {
  for (let number = 0; number < containers; number += 1)
    await ask(server, 'POST', `/containers/create?name=bench-${String(number)}`, {
      body: JSON.stringify({ Image: server.image, Cmd: ['cmd'], Labels: { bench: String(number) } }),
    });
}

function ask(
  server: Server,
  method: string,
  path: string,
  options: { readonly agent?: Agent; readonly body?: string } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(options.body ?? '') };
    const { agent } = options;
    request({ socketPath: server.socket, method, path, headers, ...(agent ? { agent } : {}) }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      response.on('end', () => {
        if (status < 300) resolve();
        else reject(new Error(`${method} ${path}: ${String(status)}`));
      });
    })
      .on('error', reject)
      .end(options.body);
  });
}

async function startOwn(): Promise<ChildProcess> {
  const child = spawn(join(repository, 'windowbox'), ['daemon'], {
    env: {
      ...process.env,
      WINDOWBOX_HOME: join(state, 'home'),
      WINDOWBOX_RUN: join(state, 'run'),
      WINDOWBOX_RUNTIME: resolvePaths().runtime,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('"Ready"')) resolve();
    });
    child.once('exit', () => {
      reject(new Error(`the daemon ended: ${text}`));
    });
  });
  return child;
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+) kB/u.exec(status)?.[1] ?? 0) / 1024);
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(32)} ${value}\n`);
}
