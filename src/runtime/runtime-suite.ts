import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  OutputChunk,
  ProcessListener,
  ProcessSpec,
  Runtime,
  Sandbox,
  SandboxProcess,
  SandboxSpec,
} from './contract.js';

/**
 * What every runtime must do, as tests with real Windows programs. A runtime's own test file calls {@link runtimeSuite} and
 * adds what only its mode promises.
 */
export interface RuntimeUnderTest {
  readonly name: string;
  /** How long a test may take; default a minute. */
  readonly testTimeoutMs?: number;
  /** Who made the processor that programs see, as it says itself; default: that of this machine. */
  readonly processorVendor?: string;
  /** Rules that this implementation is known not to keep, with the reason: skipped, and said so at the end of every run. */
  readonly known?: Readonly<Record<string, string>>;
  /** Makes what the runtime needs and resolves when `make` may be called. */
  prepare(): Promise<Prepared>;
}

export interface Prepared {
  /** A runtime whose state is below `home`. Called again with the same folder, it is the next daemon. */
  make(home: string): Runtime;
  /**
   * Starts a daemon in a process of its own: a runtime on `home` that makes a sandbox with this spec, starts its process 1 and
   * writes a line to stdout. Resolves after that line.
   */
  startDaemon(home: string, spec: SandboxSpec, process: ProcessSpec): Promise<{ kill(): Promise<void> }>;
  /** Layers, topmost first. C:\probe.exe in them is test/fixtures/runtime/probe.c, compiled. */
  readonly lower: readonly string[];
  /** What exists on the host because of `home` and is not a file below it: mounts, cgroups, processes. One line each. */
  leftovers(home: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export function runtimeSuite(under: RuntimeUnderTest): void {
  suite(`runtime contract: ${under.name}`, () => {
    const rule = (name: string, act: (context: TestContext) => Promise<void>): void => {
      test(name, { timeout: under.testTimeoutMs ?? 60_000, skip: under.known?.[name] ?? false }, act);
    };
    let prepared: Prepared;
    let home: string;
    let runtime: Runtime;

    before(async () => {
      prepared = await under.prepare();
      home = await mkdtemp(join(tmpdir(), 'windowbox-runtime-'));
      runtime = prepared.make(home);
    });
    after(async () => {
      for (const id of await runtime.list()) await runtime.purge(id);
      await runtime.close();
      const left = await prepared.leftovers(home);
      await rm(home, { recursive: true, force: true });
      await prepared.close();
      assert.deepEqual(left, [], 'something was left on the host');
    });

    const specOf = (changes: Partial<SandboxSpec> = {}): SandboxSpec => {
      const id = randomBytes(32).toString('hex');
      return {
        id,
        hostname: id.slice(0, 12),
        layer: { lower: prepared.lower, folder: join(home, 'layers', id) },
        pristine: true,
        mounts: [],
        resources: { memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 },
        network: { mode: 'none' },
        ...changes,
      };
    };
    const withSandbox = async (
      act: (sandbox: Sandbox, spec: SandboxSpec) => Promise<void>,
      changes: Partial<SandboxSpec> = {},
    ): Promise<void> => {
      const spec = specOf(changes);
      const sandbox = await runtime.create(spec);
      try {
        await act(sandbox, spec);
      } finally {
        await sandbox.stop({ keepLayer: false });
        await rm(sandbox.layer.folder, { recursive: true, force: true });
      }
    };

    rule('a program runs, its output comes and its exit code is seen', async () => {
      await withSandbox(async (sandbox) => {
        const { stdout, exitCode } = await run(sandbox, { command: 'cmd /c ver' });
        assert.match(stdout.toString(), /Microsoft Windows/u);
        assert.equal(exitCode, 0);
      });
    });

    rule('all 32 bits of an exit code arrive, unsigned', async () => {
      await withSandbox(async (sandbox) => {
        let number = 1;
        for (const code of [0, 1, 255, 256, 3_221_225_781, 4_294_967_295]) {
          const { exitCode } = await run(sandbox, { number: number++, command: `C:\\probe.exe exit ${String(code)}` });
          assert.equal(exitCode, code);
        }
      });
    });

    rule('100 MB come out byte for byte, stdout and stderr apart', async () => {
      await withSandbox(async (sandbox) => {
        const size = 100_000_000;
        const one = run(
          sandbox,
          { number: 1, command: `C:\\probe.exe spew ${String(size)}` },
          { check: patternOf('stdout') },
        );
        const other = run(
          sandbox,
          { number: 2, command: 'C:\\probe.exe spew 1000000 stderr' },
          { check: patternOf('stderr') },
        );
        assert.equal((await one).bytes.stdout, size);
        assert.deepEqual((await other).bytes, { stdout: 0, stderr: 1_000_000 });
      });
    });

    rule('input goes in byte for byte and ends', async () => {
      await withSandbox(async (sandbox) => {
        const data = randomBytes(5_000_000);
        const { stdout } = await run(sandbox, { command: 'C:\\probe.exe cat', stdin: true }, { input: data });
        assert.ok(stdout.equals(data));
      });
    });

    rule('without stdin a program reads the end of file at once', async () => {
      await withSandbox(async (sandbox) => {
        const { exitCode } = await run(sandbox, { command: 'C:\\probe.exe cat' });
        assert.equal(exitCode, 0);
      });
    });

    rule('a listener that takes its time holds up its own program and no other', async () => {
      await withSandbox(async (sandbox) => {
        let release: () => void = () => undefined;
        const gate = new Promise<void>((resolve) => (release = resolve));
        const slow = run(
          sandbox,
          { number: 1, command: 'C:\\probe.exe spew 20000000' },
          { onOutput: async () => gate },
        );
        await run(sandbox, { number: 2, command: 'C:\\probe.exe spew 1000000' });
        release();
        assert.equal((await slow).bytes.stdout, 20_000_000);
      });
    });

    rule('a terminal has the size that was asked for and follows a change', async () => {
      await withSandbox(async (sandbox) => {
        const program = await begin(sandbox, { command: 'C:\\probe.exe size', terminal: { columns: 91, rows: 33 } });
        await program.waitFor(/91x33/u);
        program.process.resize({ columns: 120, rows: 40 });
        await program.waitFor(/120x40/u);
        assert.equal((await program.ended).exitCode, 0);
      });
    });

    rule('20 programs run at once beside the first', async () => {
      await withSandbox(async (sandbox) => {
        const first = await begin(sandbox, { command: 'C:\\probe.exe hold' });
        await first.waitFor(/ready/u);
        const results = await Promise.all(
          Array.from({ length: 20 }, async (_, index) =>
            run(sandbox, { number: index + 2, command: `C:\\probe.exe exit ${String(index + 100)}` }),
          ),
        );
        assert.deepEqual(
          results.map(({ exitCode }) => exitCode),
          Array.from({ length: 20 }, (_, index) => index + 100),
        );
        first.process.terminate(1);
        await first.ended;
      });
    });

    rule('a program that does not exist is refused, and the next one starts', async () => {
      await withSandbox(async (sandbox) => {
        await assert.rejects(run(sandbox, { command: 'no-such-program.exe' }), { code: 'not-found' });
        await assert.rejects(run(sandbox, { number: 2, command: 'cmd /c ver', cwd: 'C:\\missing' }), {
          code: 'invalid-argument',
        });
        assert.equal((await run(sandbox, { number: 3, command: 'C:\\probe.exe exit 3' })).exitCode, 3);
      });
    });

    rule('environment, working folder, user and computer name are those of the spec', async () => {
      await withSandbox(
        async (sandbox) => {
          const shown = await run(sandbox, {
            command: 'cmd /c "echo [%COLOUR%] [%CD%] [%USERNAME%]"',
            cwd: 'C:\\Windows',
            env: { COLOUR: 'blue' },
            user: 'ContainerUser',
          });
          assert.match(shown.stdout.toString(), /\[blue\] \[C:\\windows\] \[ContainerUser\]/iu);
          const computer = await run(sandbox, { number: 2, command: 'C:\\probe.exe computer' });
          assert.equal(computer.stdout.toString(), 'WEB-1');
        },
        { hostname: 'web-1' },
      );
    });

    rule('the registry describes each processor that programs are told of', async () => {
      await withSandbox(async (sandbox) => {
        const count = await run(sandbox, { command: 'cmd /c "echo %NUMBER_OF_PROCESSORS%"' });
        const key = String.raw`HKLM\Hardware\Description\System\CentralProcessor`;
        const found = await run(sandbox, { number: 2, command: `reg query ${key} /s /v ~MHz` });
        const speeds = found.stdout.toString().match(/~MHz\s+REG_DWORD\s+0x[0-9a-f]+/gu) ?? [];
        assert.equal(speeds.length, Number(count.stdout.toString()), found.stdout.toString());
        const told = await run(sandbox, { number: 3, command: 'cmd /c "echo %PROCESSOR_IDENTIFIER%"' });
        const [, own] = /^vendor_id\s*:\s*(\S+)/mu.exec(await readFile('/proc/cpuinfo', 'utf8')) ?? [];
        const vendor = under.processorVendor ?? own ?? '';
        assert.match(
          told.stdout.toString(),
          new RegExp(String.raw`^(AMD64|Intel64) Family \d+ Model \d+ Stepping \d+, ${vendor}\r\n$`, 'u'),
        );
      });
    });

    rule('a user without privileges may listen below port 1024 and ping', async () => {
      await withSandbox(async (sandbox) => {
        const user = 'ContainerUser';
        assert.equal((await run(sandbox, { command: 'C:\\probe.exe listen 80', user })).exitCode, 0);
        const ping = await run(sandbox, { number: 2, command: 'ping -n 1 127.0.0.1', user });
        assert.match(ping.stdout.toString(), /Reply from 127\.0\.0\.1|Received = 1/u);
        assert.equal(ping.exitCode, 0);
      });
    });

    rule('ctrl-c reaches the program, terminate ends it with the code given', async () => {
      await withSandbox(async (sandbox) => {
        const polite = await begin(sandbox, { number: 1, command: 'C:\\probe.exe hold' });
        await polite.waitFor(/ready/u);
        polite.process.control('ctrl-c');
        await polite.waitFor(/event 0/u);
        assert.equal((await polite.ended).exitCode, 40);
        const deaf = await begin(sandbox, { number: 2, command: 'C:\\probe.exe hold' });
        await deaf.waitFor(/ready/u);
        deaf.process.terminate(137);
        assert.equal((await deaf.ended).exitCode, 137);
      });
    });

    rule('pause stops a program and resume lets it go on', async (context) => {
      if (!runtime.features.pause) {
        context.skip('this mode cannot pause');
        return;
      }
      await withSandbox(async (sandbox) => {
        const program = await begin(sandbox, { command: 'C:\\probe.exe count 1000 20' });
        await program.waitFor(/line 2\n/u);
        await sandbox.pause();
        await sleep(100);
        const seen = program.bytes.stdout;
        await sleep(400);
        assert.equal(program.bytes.stdout, seen);
        await sandbox.resume();
        await program.waitFor(/line 20\n/u);
      });
    });

    rule('a paused sandbox can be stopped', async () => {
      const spec = specOf();
      const sandbox = await runtime.create(spec);
      await begin(sandbox, { command: 'C:\\probe.exe hold' });
      await sandbox.pause();
      await sandbox.stop({ keepLayer: false });
      assert.deepEqual(await sandbox.ended, { how: 'stopped' });
      await rm(sandbox.layer.folder, { recursive: true, force: true });
    });

    rule('statistics count processor time and memory', async () => {
      await withSandbox(async (sandbox) => {
        const earlier = await sandbox.stats();
        await run(sandbox, { command: 'C:\\probe.exe spin 500' });
        const later = await sandbox.stats();
        assert.ok(later.cpuTotal - earlier.cpuTotal > 450e6, 'half a second of processor time is counted');
        assert.ok(later.memory > 1e6 && later.memoryPeak >= later.memory);
        assert.ok(later.processCount > 0);
      });
    });

    rule('top lists the programs by their Windows names and not the agent', async () => {
      await withSandbox(async (sandbox) => {
        const program = await begin(sandbox, { command: 'C:\\probe.exe hold' });
        await program.waitFor(/ready/u);
        const names = (await sandbox.top()).map(({ name }) => name.toLowerCase());
        assert.ok(names.includes('probe.exe'), names.join(', '));
        assert.ok(!names.includes('agent.exe'), names.join(', '));
      });
    });

    rule('a memory limit binds, and only the program that breaks it suffers', async () => {
      await withSandbox(
        async (sandbox) => {
          const result = await run(sandbox, { command: 'C:\\probe.exe allocate 1500' }).catch(
            (error: unknown) => error,
          );
          const allocated = !(result instanceof Error) && (result as Result).stdout.toString().includes('allocated');
          assert.ok(!allocated, 'a program got more memory than its sandbox has');
        },
        { resources: { memory: 600_000_000, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 } },
      );
    });

    rule('a processor limit binds', async () => {
      await withSandbox(
        async (sandbox) => {
          const from = await sandbox.stats();
          await run(sandbox, { command: 'C:\\probe.exe spin 700' });
          const to = await sandbox.stats();
          assert.ok((to.cpuTotal - from.cpuTotal) / ((to.readAt - from.readAt) * 1e6) < 0.5);
        },
        { resources: { memory: 0, nanoCpus: 250_000_000, cpuShares: 0, pidsLimit: 0 } },
      );
    });

    rule('files go in and come out, while it runs and after', async () => {
      const spec = specOf();
      const sandbox = await runtime.create(spec);
      await run(sandbox, { command: 'C:\\probe.exe write C:\\made.txt hello' });
      const whileRunning = await runtime.openFiles(spec.id, sandbox.layer);
      try {
        assert.equal((await whileRunning.stat('c:\\MADE.TXT')).size, 5);
        assert.match((await collect(await whileRunning.read('C:\\made.txt'))).toString('latin1'), /^made\.txt/u);
        await assert.rejects(whileRunning.stat('C:\\missing'), { code: 'not-found' });
        const tar = await whileRunning.read('C:\\made.txt');
        await whileRunning.write('C:\\windows\\temp', tar, { noOverwriteDirNonDir: false });
      } finally {
        await whileRunning.close();
      }
      const typed = await run(sandbox, { number: 2, command: 'cmd /c type C:\\windows\\temp\\made.txt' });
      assert.equal(typed.stdout.toString(), 'hello');
      await sandbox.stop({ keepLayer: true });
      const afterwards = await runtime.openFiles(spec.id, sandbox.layer);
      try {
        const changes = await afterwards.changes();
        assert.ok(changes.some(({ path, kind }) => path === 'C:\\made.txt' && kind === 'added'));
        assert.ok(!changes.some(({ path }) => path.endsWith('.reg')));
        assert.ok((await afterwards.size()) >= 5);
      } finally {
        await afterwards.close();
      }
      await rm(sandbox.layer.folder, { recursive: true, force: true });
    });

    rule('what a program wrote is there after a stop in order, the registry too', async () => {
      const spec = specOf();
      const first = await runtime.create(spec);
      await run(first, { command: 'reg add HKLM\\Software\\Windowbox /v Kept /d yes /f' });
      await first.stop({ keepLayer: true });
      const second = await runtime.create({ ...spec, layer: first.layer, pristine: false });
      const query = await run(second, { command: 'reg query HKLM\\Software\\Windowbox /v Kept' });
      assert.match(query.stdout.toString(), /Kept\s+REG_SZ\s+yes/u);
      await second.stop({ keepLayer: false });
      await rm(second.layer.folder, { recursive: true, force: true });
    });

    rule('a file with two names is still one after a stop', async () => {
      const spec = specOf();
      const first = await runtime.create(spec);
      const twice = await run(first, { command: 'cmd /c echo text>C:\\one.txt& mklink /H C:\\two.txt C:\\one.txt' });
      assert.equal(twice.exitCode, 0);
      await first.stop({ keepLayer: true });
      const [one, two] = await Promise.all(
        ['one', 'two'].map(async (name) => stat(join(first.layer.folder, 'upper', 'drive_c', `${name}.txt`))),
      );
      assert.deepEqual([two?.ino, two?.nlink, two?.size], [one?.ino, 2, 6]);
      const second = await runtime.create({ ...spec, layer: first.layer, pristine: false });
      const written = await run(second, { command: 'cmd /c echo new>C:\\two.txt& del C:\\one.txt& type C:\\two.txt' });
      assert.match(written.stdout.toString(), /^new/u);
      await second.stop({ keepLayer: true });
      const left = await stat(join(second.layer.folder, 'upper', 'drive_c', 'two.txt'));
      assert.deepEqual([left.nlink, left.size], [1, 5]);
      await rm(second.layer.folder, { recursive: true, force: true });
    });

    rule('folders of the host appear where they are mounted, and read-only ones stay as they are', async () => {
      const folder = join(home, 'shared');
      await mkdir(folder, { mode: 0o777, recursive: true });
      const data = { source: folder, target: 'C:\\Data\\inner', readOnly: false };
      const drive = { source: folder, target: 'E:\\', readOnly: true };
      await withSandbox(
        async (sandbox) => {
          const list = await run(sandbox, { command: 'C:\\probe.exe open C:\\data\\inner E:\\ Z:\\ D:\\' });
          assert.deepEqual(list.stdout.toString().trim().split('\n'), [
            'C:\\data\\inner open',
            'E:\\ open',
            'Z:\\ closed',
            'D:\\ closed',
          ]);
          const refused = await run(sandbox, { number: 2, command: 'C:\\probe.exe write E:\\new.txt x' });
          assert.notEqual(refused.exitCode, 0);
        },
        { mounts: [data, drive] },
      );
    });

    rule('a sandbox that dies inside ends with a reason and leaves nothing', async () => {
      const sandbox = await runtime.create(specOf());
      process.kill(sandbox.pid, 'SIGKILL');
      const end = await sandbox.ended;
      assert.equal(end.how, 'died');
      await assert.rejects(run(sandbox, { command: 'cmd /c ver' }), { code: 'unavailable' });
      assert.ok(!(await runtime.list()).includes(sandbox.id));
      await rm(sandbox.layer.folder, { recursive: true, force: true });
    });

    rule('an id is taken once', async () => {
      await withSandbox(async (_, spec) => {
        await assert.rejects(runtime.create(spec), { code: 'already-exists' });
      });
    });

    rule('a daemon that is killed loses no output, no exit code and no sandbox', async () => {
      const place = join(home, 'killed');
      await mkdir(place, { recursive: true });
      const spec = specOf({ layer: { lower: prepared.lower, folder: join(place, 'layer') } });
      const counting = processSpec({ command: 'C:\\probe.exe count 60 50' });
      const daemon = await prepared.startDaemon(place, spec, counting);
      await sleep(500);
      await daemon.kill();
      await sleep(500);
      const next = prepared.make(place);
      assert.deepEqual(await next.list(), [spec.id]);
      const sandbox = await next.recover(spec.id, 0);
      assert.ok(sandbox);
      const program = listen();
      sandbox.adopt(1, program.listener);
      const result = await program.ended;
      const lines = Array.from({ length: 60 }, (_, index) => `line ${String(index + 1)}`);
      assert.deepEqual(result.stdout.toString().trim().split('\n'), lines);
      assert.equal(result.exitCode, 7);
      await sandbox.stop({ keepLayer: false });
      assert.deepEqual(await next.list(), []);
      await next.close();
      assert.deepEqual(await prepared.leftovers(place), []);
    });

    rule(
      'a sandbox that was paused when its daemon died is taken over, runs again, and can be paused anew',
      async (context) => {
        if (!runtime.features.pause) {
          context.skip('this mode cannot pause');
          return;
        }
        const place = join(home, 'paused');
        await mkdir(place, { recursive: true });
        const spec = specOf({ layer: { lower: prepared.lower, folder: join(place, 'layer') } });
        const counting = processSpec({ command: 'C:\\probe.exe count 1000 20' });
        const daemon = await prepared.startDaemon(place, spec, counting);
        await daemon.kill();
        const pausing = prepared.make(place);
        await (await pausing.recover(spec.id, 0))?.pause();
        await pausing.close();
        const next = prepared.make(place);
        const sandbox = await next.recover(spec.id, 0);
        assert.ok(sandbox);
        const program = listen();
        sandbox.adopt(1, program.listener);
        const count = (): number => program.bytes.stdout;
        const before = count();
        for (let waited = 0; waited < 20_000 && count() === before; waited += 50) await sleep(50);
        assert.notEqual(count(), before);
        await sandbox.pause();
        await sandbox.stop({ keepLayer: false });
        await next.close();
        assert.deepEqual(await prepared.leftovers(place), []);
      },
    );

    rule('purge removes what a killed daemon left running, twice without an error', async () => {
      const place = join(home, 'purged');
      await mkdir(place, { recursive: true });
      const spec = specOf({ layer: { lower: prepared.lower, folder: join(place, 'layer') } });
      const daemon = await prepared.startDaemon(place, spec, processSpec({ command: 'C:\\probe.exe hold' }));
      await daemon.kill();
      const next = prepared.make(place);
      await next.purge(spec.id);
      await next.purge(spec.id);
      assert.deepEqual(await next.list(), []);
      assert.equal(await next.recover(spec.id, 0), undefined);
      await next.close();
      assert.deepEqual(await prepared.leftovers(place), []);
    });

    rule('a prepared sandbox is handed out as the one asked for', async () => {
      runtime.expect({ lower: prepared.lower });
      await sleep(4000);
      await withSandbox(
        async (sandbox, spec) => {
          assert.equal(sandbox.id, spec.id);
          const computer = await run(sandbox, { command: 'C:\\probe.exe computer' });
          assert.equal(computer.stdout.toString(), 'HANDED-OUT');
        },
        { hostname: 'handed-out' },
      );
    });
  });
}

interface Result {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly bytes: { readonly stdout: number; readonly stderr: number };
}

interface Listening {
  readonly listener: ProcessListener;
  readonly ended: Promise<Result>;
  readonly bytes: { stdout: number; stderr: number };
  /** Resolves when stdout so far matches; rejects after 20 s. */
  waitFor(pattern: RegExp): Promise<void>;
}

interface ListenOptions {
  readonly input?: Uint8Array;
  readonly check?: (chunk: OutputChunk) => void;
  readonly onOutput?: () => Promise<void>;
}

function listen(options: ListenOptions = {}): Listening {
  const chunks: Uint8Array[] = [];
  const bytes = { stdout: 0, stderr: 0 };
  let last = 0;
  let end: (result: Result) => void = () => undefined;
  const ended = new Promise<Result>((resolve) => (end = resolve));
  const text = (): Buffer => Buffer.concat(chunks);
  return {
    ended,
    bytes,
    listener: {
      onOutput: async (chunk) => {
        assert.ok(chunk.sequence > last, 'frames come in order');
        last = chunk.sequence;
        bytes[chunk.stream] += chunk.data.length;
        options.check?.(chunk);
        if (options.check === undefined && chunk.stream === 'stdout') chunks.push(Uint8Array.from(chunk.data));
        await options.onOutput?.();
      },
      onExit: (exitCode) => {
        end({ exitCode, stdout: text(), bytes });
      },
    },
    waitFor: async (pattern) => {
      for (const limit = Date.now() + 20_000; !pattern.test(text().toString()); await sleep(5))
        assert.ok(Date.now() < limit, `no ${String(pattern)} in: ${text().toString().slice(-500)}`);
    },
  };
}

async function begin(
  sandbox: Sandbox,
  spec: Partial<ProcessSpec> & { readonly command: string },
  options?: ListenOptions,
): Promise<Listening & { readonly process: SandboxProcess }> {
  const listening = listen(options);
  return { ...listening, process: await sandbox.start(processSpec(spec), listening.listener) };
}

async function run(
  sandbox: Sandbox,
  spec: Partial<ProcessSpec> & { readonly command: string },
  options: ListenOptions = {},
): Promise<Result> {
  const { process, ended } = await begin(sandbox, spec, options);
  if (options.input !== undefined) {
    await process.write(options.input);
    process.closeStdin();
  }
  const died = sandbox.ended.then((end) => {
    throw new Error(`the sandbox ended first: ${JSON.stringify(end)}`);
  });
  return Promise.race([ended, died]);
}

function processSpec(spec: Partial<ProcessSpec> & { readonly command: string }): ProcessSpec {
  return { number: 1, cwd: 'C:\\', env: {}, user: 'ContainerAdministrator', stdin: false, ...spec };
}

/** Checks what `probe spew` writes. */
function patternOf(stream: OutputChunk['stream']): (chunk: OutputChunk) => void {
  let at = 0;
  return (chunk) => {
    assert.equal(chunk.stream, stream);
    for (const byte of chunk.data) {
      const expected = Math.floor((at++ * 31) / 7) & 0xff;
      if (byte !== expected) assert.fail(`byte ${String(at - 1)} is ${String(byte)}, not ${String(expected)}`);
    }
  };
}

async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
