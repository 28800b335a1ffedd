import assert from 'node:assert/strict';
import { chown, mkdir, mkdtemp, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  containerOwner,
  findRepository,
  holdProgram,
  readRuntimeParts,
  resolvePaths,
  runCommand,
} from '../platform/index.js';
import { findHierarchies } from '../runtime-linux/index.js';
import { type Prepared, runtimeSuite } from '../runtime/runtime-suite.js';
import { createHypervRuntime, type HypervRuntimeOptions } from './index.js';

// Emulated, beside other tests, everything takes its time.
runtimeSuite({
  name: 'Hyper-V isolation',
  prepare,
  testTimeoutMs: 600_000,
  // That of QEMU's own processor, whatever this machine has.
  processorVendor: 'AuthenticAMD',
});

test(
  'a VM that a killed process was making a template of ends with it, and what is left goes with the next one',
  { timeout: 120_000 },
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'windowbox-killed-'));
    const parts = await readRuntimeParts(resolvePaths());
    const options = { run: join(home, 'run'), cache: join(home, 'cache'), parts, cgroupParent: cgroupParentOf(home) };
    const index = new URL('index.js', import.meta.url).href;
    const code = `const { createHypervRuntime } = await import(${JSON.stringify(index)});
    const [options, lower] = process.argv.slice(1).map((text) => JSON.parse(text));
    const { templates } = createHypervRuntime({ ...options, accelerator: async () => 'tcg' });
    await templates.make(lower, ({ text }) => console.log(text));`;
    const input = [options, [parts.prefix]].map((value) => JSON.stringify(value));
    const maker = await holdProgram(process.execPath, ['--input-type=module', '-e', code, ...input], {
      timeoutMs: 60_000,
    });
    const runsQemu = async (): Promise<boolean> => (await leftovers(home)).some((line) => line.includes('qemu-system'));
    for (const end = Date.now() + 30_000; Date.now() < end && !(await runsQemu());) await sleep(200);
    process.kill(maker.pid, 'SIGKILL');
    await maker.close();
    for (const end = Date.now() + 5000; Date.now() < end && (await runsQemu());) await sleep(50);
    assert.ok(!(await runsQemu()), 'QEMU outlives the process that it was to end with');
    const runtime = createHypervRuntime({ ...options, accelerator: async () => 'tcg' });
    const ids = await runtime.list();
    assert.match(ids.join(' '), /^template-[0-9a-f]{24}$/u);
    for (const id of ids) await runtime.purge(id);
    assert.deepEqual(await runtime.list(), []);
    await runtime.close();
    assert.deepEqual(await leftovers(home), []);
    await rm(home, { recursive: true, force: true });
  },
);

/** One cache for all runtimes of this run: the suite tests containers, and a template is made once. */
async function prepare(): Promise<Prepared> {
  const parts = await readRuntimeParts(resolvePaths());
  const work = await mkdtemp(join(tmpdir(), 'windowbox-parts-'));
  const programs = await makeProgramLayer(join(work, 'programs'));
  const optionsOf = (home: string): HypervRuntimeOptions => ({
    run: join(home, 'run'),
    cache: join(work, 'cache'),
    parts,
    accelerator: async () => 'tcg',
    cgroupParent: cgroupParentOf(home),
    log: (message) => {
      console.error(message);
    },
  });
  const lower = [programs, parts.prefix];
  // No test of a container is to wait for it.
  const runtime = createHypervRuntime(optionsOf(work));
  await runtime.templates.make(lower, () => undefined);
  await runtime.close();
  return {
    lower,
    make: (home) => createHypervRuntime(optionsOf(home)),
    startDaemon: async (home, spec, program) => {
      const module = join(dirname(fileURLToPath(import.meta.url)), 'test-daemon.js');
      const input = [optionsOf(home), spec, program].map((value) => JSON.stringify(value));
      const daemon = await holdProgram(process.execPath, [module, ...input], { timeoutMs: 120_000 });
      return {
        kill: async () => {
          process.kill(daemon.pid, 'SIGKILL');
          await daemon.close();
        },
      };
    },
    leftovers: async (home) => leftovers(home),
    close: async () => rm(work, { recursive: true, force: true }),
  };
}

/** A layer with the fixtures' programs in C:\, as an image's layer would have them. */
async function makeProgramLayer(folder: string): Promise<string> {
  const driveC = join(folder, 'drive_c');
  const source = join(findRepository(), 'test/fixtures/runtime/probe.c');
  await mkdir(driveC, { recursive: true });
  const flags = ['-O2', '-s', '-municode', '-o', join(driveC, 'probe.exe'), source, '-lws2_32'];
  await runCommand('x86_64-w64-mingw32-gcc', flags, { timeoutMs: 60_000 });
  for (const path of [folder, driveC, ...(await readdir(driveC)).map((name) => join(driveC, name))])
    await chown(path, containerOwner.uid, containerOwner.gid);
  return folder;
}

function cgroupParentOf(home: string): string {
  return `/windowbox-${basename(dirname(home))}-${basename(home)}`;
}

async function leftovers(home: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { mountPoint } of await findHierarchies()) {
    const folder = join(mountPoint, cgroupParentOf(home));
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => []))
      if (entry.isDirectory()) found.push(`cgroup ${join(folder, entry.name)}`);
    await rmdir(folder).catch(() => undefined);
  }
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))) {
    const mounts = await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (mounts.includes(home)) found.push(`mount seen by process ${pid}: ${command.replaceAll('\0', ' ')}`);
    else if (command.includes(home)) found.push(`process ${pid}: ${command.replaceAll('\0', ' ')}`);
  }
  return found;
}
