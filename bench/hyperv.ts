/**
 * Hyper-V isolation: a template against a cold boot, a container end to end, what a second VM costs, and the same work in process
 * isolation. `npm run bench:hyperv -- [--vms COUNT]`, as root.
 */
import { chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerOwner, probeKvm, readRuntimeParts, resolvePaths, runCommand } from '../src/platform/index.js';
import type { Runtime, Sandbox, SandboxSpec } from '../src/runtime/index.js';
import { createHypervRuntime, type StartPhase } from '../src/runtime-hyperv/index.js';
import { createProcessRuntime } from '../src/runtime-process/index.js';
import { compileProbe } from './compile-probe.js';

const rounds = 5;
const vms = Number(process.argv[process.argv.indexOf('--vms') + 1]) || 10;

const paths = resolvePaths();
const parts = await readRuntimeParts(paths);
const kvm = await probeKvm({ kernel: parts.kernel, cache: join(paths.home, 'kvm.json') });
const accelerator = kvm.usable ? 'kvm' : 'tcg';
const work = await mkdtemp(join(tmpdir(), 'windowbox-bench-'));
const lower = [await makeProgramLayer(join(work, 'programs')), parts.prefix];
const phases = new Map<StartPhase, number[]>();
const options = {
  run: join(work, 'run'),
  cache: join(work, 'cache'),
  parts,
  accelerator: async () => accelerator,
  onPhase: (phase: StartPhase, milliseconds: number): void => {
    phases.set(phase, [...(phases.get(phase) ?? []), milliseconds]);
  },
} as const;
let nextId = 1;

try {
  const { stdout: qemu } = await runCommand('qemu-system-x86_64', ['--version'], { timeoutMs: 10_000 });
  console.log(`accelerator ${accelerator}${kvm.usable ? '' : ` (${kvm.reason})`}; ${qemu.split('\n')[0] ?? ''}`);
  console.log(
    `Linux ${release()}; ${String(cpus().length)} x ${cpus()[0]?.model ?? ''}; load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  const hyperv = createHypervRuntime(options);
  const cold = await timed(async () => hyperv.templates.make(lower, () => undefined));
  const isolated = createProcessRuntime({
    run: options.run,
    prepared: join(work, 'prepared'),
    runtimeRoot: parts.root,
    guestFolder: parts.guest,
    prepare: false,
  });
  try {
    const inVm = await measure(hyperv);
    const inProcess = await measure(isolated);
    print('template made (cold boot to ready)', [cold]);
    print('create to ready, Hyper-V', inVm.create);
    print('create to ready, process', inProcess.create);
    for (const [phase, times] of inVm.phases) print(`  of it ${phase}`, times);
    print('stopped and started again, Hyper-V', inVm.again);
    print('stopped and started again, process', inProcess.again);
    for (const [phase, times] of inVm.againPhases) print(`  of it ${phase}`, times);
    print('cmd /c ver end to end, Hyper-V', inVm.whole);
    print('cmd /c ver end to end, process', inProcess.whole);
    console.log(`cold boot / start from the template: ${ratio([cold], inVm.create)}`);
    for (const [name, time] of inVm.work)
      console.log(
        `${name}: Hyper-V ${ms(time)}, process ${ms(inProcess.work.get(name) ?? 0)}, ${ratio([time], [inProcess.work.get(name) ?? 0])}`,
      );
    await measureMemory(hyperv);
    await startMany(hyperv);
  } finally {
    for (const runtime of [hyperv, isolated]) {
      for (const id of await runtime.list()) await runtime.purge(id);
      await runtime.close();
    }
  }
} finally {
  await rm(work, { recursive: true, force: true });
}

interface Measured {
  readonly create: number[];
  readonly whole: number[];
  /** The start of a container that ran before. */
  readonly again: number[];
  readonly phases: ReadonlyMap<StartPhase, readonly number[]>;
  readonly againPhases: ReadonlyMap<StartPhase, readonly number[]>;
  readonly work: Map<string, number>;
}

async function measure(runtime: Runtime): Promise<Measured> {
  const [create, whole, work]: [number[], number[], Map<string, number>] = [[], [], new Map()];
  phases.clear();
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const sandbox = await runtime.create(specOf());
    create.push(performance.now() - begun);
    await run(sandbox, 1, 'cmd /c ver');
    await sandbox.stop({ keepLayer: false });
    whole.push(performance.now() - begun);
  }
  const tasks = [
    ['processor: 20 000 rounds of cmd', 'cmd /c "for /L %i in (1,1,20000) do @rem"'],
    ['files: 200 written and read', 'cmd /c "for /L %i in (1,1,200) do @(echo x>C:\\f%i.txt & type C:\\f%i.txt >nul)"'],
    ['a file of 50 MB written', 'cmd /c "C:\\probe.exe spew 50000000 > C:\\large.bin"'],
    ['and copied', 'cmd /c copy /b C:\\large.bin C:\\copy.bin'],
    ['100 MB through stdout', 'C:\\probe.exe spew 100000000'],
  ] as const;
  const firstPhases = new Map(phases);
  const again = await measureAgain(runtime);
  const againPhases = new Map(phases);
  const sandbox = await runtime.create(specOf());
  for (const [index, [name, command]] of tasks.entries())
    work.set(name, await timed(async () => run(sandbox, index + 1, command)));
  await sandbox.stop({ keepLayer: false });
  return { create, whole, work, again, phases: firstPhases, againPhases };
}

async function measureAgain(runtime: Runtime): Promise<number[]> {
  const times: number[] = [];
  let spec = specOf();
  const first = await runtime.create(spec);
  spec = { ...spec, layer: first.layer, pristine: false };
  await run(first, 1, 'cmd /c ver');
  await first.stop({ keepLayer: true });
  phases.clear();
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const sandbox = await runtime.create(spec);
    times.push(performance.now() - begun);
    await run(sandbox, 1, 'cmd /c ver');
    await sandbox.stop({ keepLayer: true });
  }
  return times;
}

/** What a VM has for itself: pages of its own, not those that it maps from the template. */
async function measureMemory(runtime: Runtime): Promise<void> {
  const sandboxes = [await runtime.create(specOf()), await runtime.create(specOf())];
  await new Promise((resolve) => setTimeout(resolve, 3000));
  for (const [index, { pid }] of sandboxes.entries()) {
    const text = await readFile(`/proc/${String(pid)}/smaps_rollup`, 'utf8');
    const megabytes = (name: string): string =>
      (Number(new RegExp(`^${name}:\\s+(\\d+)`, 'mu').exec(text)?.[1] ?? 0) / 1024).toFixed(0);
    console.log(
      `idle VM ${String(index + 1)}: ${megabytes('Private_Dirty')} MB of its own, ${megabytes('Pss')} MB with its part of what is shared`,
    );
  }
  for (const sandbox of sandboxes) await sandbox.stop({ keepLayer: false });
}

async function startMany(runtime: Runtime): Promise<void> {
  const time = await timed(async () => {
    await Promise.all(
      Array.from({ length: vms }, async () => {
        const sandbox = await runtime.create(specOf());
        await run(sandbox, 1, 'cmd /c ver');
        await sandbox.stop({ keepLayer: false });
      }),
    );
  });
  console.log(`${String(vms)} VMs at once, each cmd /c ver: ${ms(time)}, ${ms(time / vms)} each`);
}

function specOf(): SandboxSpec {
  const id = `bench-${String(process.pid)}-${String(nextId++)}`;
  return {
    id,
    hostname: 'bench',
    layer: { lower, folder: join(work, 'layers', id) },
    pristine: true,
    mounts: [],
    resources: { memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 },
    network: { mode: 'none' },
  };
}

async function run(sandbox: Sandbox, number: number, command: string): Promise<void> {
  const spec = { number, command, cwd: 'C:\\', env: {}, user: 'ContainerAdministrator', stdin: false };
  await new Promise<void>((resolve, reject) => {
    const onExit = (): void => {
      resolve();
    };
    sandbox.start(spec, { onOutput: () => undefined, onExit }).catch(reject);
    void sandbox.ended.then((end) => {
      reject(new Error(`the sandbox ended: ${JSON.stringify(end)}`));
    });
  });
}

async function makeProgramLayer(folder: string): Promise<string> {
  const driveC = join(folder, 'drive_c');
  await mkdir(driveC, { recursive: true });
  const probe = await compileProbe(driveC);
  for (const path of [folder, driveC, probe]) await chown(path, containerOwner.uid, containerOwner.gid);
  return folder;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

function print(name: string, times: readonly number[]): void {
  console.log(`${name}: median ${ms(median(times))}, fastest ${ms(Math.min(...times))}`);
}

function ratio(a: readonly number[], b: readonly number[]): string {
  return `${(median(a) / Math.max(1, median(b))).toFixed(1)} times`;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

function ms(time: number): string {
  return time < 1000 ? `${time.toFixed(0)} ms` : `${(time / 1000).toFixed(2)} s`;
}
