import { join } from 'node:path';
import { findRepository, runCommand } from '../src/platform/index.js';

/** Compiles the program that the tests of the runtimes run, too; answers its path. */
export async function compileProbe(folder: string): Promise<string> {
  const program = join(folder, 'probe.exe');
  const source = join(findRepository(), 'test/fixtures/runtime/probe.c');
  const flags = ['-O2', '-s', '-municode', '-o', program, source, '-lws2_32'];
  await runCommand('x86_64-w64-mingw32-gcc', flags, { timeoutMs: 60_000 });
  return program;
}
