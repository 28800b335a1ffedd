import { chown, mkdir, mkdtemp, readFile, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  containerOwner,
  findRepository,
  holdProgram,
  readRuntimeParts,
  resolvePaths,
  runCommand,
} from '../platform/index.js';
import type { Prepared } from '../runtime/runtime-suite.js';
import { findHierarchies } from '../runtime-linux/index.js';
import { createProcessRuntime, type ProcessRuntimeOptions } from './index.js';

/** What the runtime's tests need: fixtures, compiled, and runtimes on folders and cgroups of their own. */
export async function prepareTest(more: Pick<ProcessRuntimeOptions, 'namespaces'> = {}): Promise<Prepared> {
  const parts = await readRuntimeParts(resolvePaths());
  const work = await mkdtemp(join(tmpdir(), 'windowbox-parts-'));
  const programs = await makeProgramLayer(join(work, 'programs'));
  const optionsOf = (home: string): ProcessRuntimeOptions => ({
    run: join(home, 'run'),
    prepared: join(home, 'prepared'),
    runtimeRoot: parts.root,
    guestFolder: parts.guest,
    cgroupParent: cgroupParentOf(home),
    ...more,
    log: (message) => {
      console.error(message);
    },
  });
  return {
    lower: [programs, parts.prefix],
    make: (home) => createProcessRuntime(optionsOf(home)),
    startDaemon: async (home, spec, program) => {
      const module = join(dirname(fileURLToPath(import.meta.url)), 'test-daemon.js');
      const input = [optionsOf(home), spec, program].map((value) => JSON.stringify(value));
      const daemon = await holdProgram(process.execPath, [module, ...input], { timeoutMs: 30_000 });
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
  const fixtures = join(findRepository(), 'test/fixtures/runtime');
  await mkdir(driveC, { recursive: true });
  const windows = ['-O2', '-s', '-municode', '-o', join(driveC, 'probe.exe'), join(fixtures, 'probe.c'), '-lws2_32'];
  await runCommand('x86_64-w64-mingw32-gcc', windows, { timeoutMs: 60_000 });
  const linux = ['-O2', '-s', '-static', '-o', join(driveC, 'escape.exe'), join(fixtures, 'escape.c')];
  await runCommand('gcc', linux, { timeoutMs: 60_000 });
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
