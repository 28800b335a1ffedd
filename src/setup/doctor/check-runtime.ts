import { readRuntimeParts } from '../../platform/index.js';
import { describeError } from '../../errors/index.js';
import { findDamage } from '../part-contents.js';
import { runWine } from '../wine-command.js';
import { type CheckContext, type Finding, note, ok, problem } from './finding.js';

export async function checkRuntime({ paths }: CheckContext): Promise<readonly Finding[]> {
  const parts = await readRuntimeParts(paths).catch(describeError);
  if (typeof parts === 'string') return [problem('runtime', parts, 'windowbox setup')];
  const damaged: string[] = [];
  for (const folder of [parts.root, parts.kernel, parts.guest, parts.prefix])
    damaged.push(...(await findDamage(folder)));
  if (damaged.length > 0)
    return [problem('runtime', `the runtime is damaged: ${damaged.join('; ')}`, 'windowbox setup --rebuild')];
  return [ok('runtime', `the runtime in ${paths.runtime} is whole`)];
}

export async function checkWine({ paths, isRoot }: CheckContext): Promise<readonly Finding[]> {
  const parts = await readRuntimeParts(paths).catch(() => undefined);
  if (parts === undefined || !isRoot) return [];
  const fails = async (line: string): Promise<string | undefined> =>
    runWine(line, { root: parts.root, prefix: parts.prefix, timeoutMs: 60_000, keepPrefix: true }).then(
      () => undefined,
      whatWineSaid,
    );
  const begin = performance.now();
  const reason = await fails(start64);
  if (reason !== undefined) return [problem('wine', `Wine does not start: ${reason}`, 'windowbox setup --rebuild')];
  const findings = [ok('wine', `Wine runs 64-bit programs (${((performance.now() - begin) / 1000).toFixed(1)} s)`)];
  const reason32 = await fails(start32);
  if (reason32 === undefined) return [...findings, ok('wine.32-bit', 'Wine runs 32-bit programs')];
  return [...findings, note('wine.32-bit', `32-bit programs do not run: ${reason32}`, mend32)];
}

/** What went before the exit code is the whole script, which nobody wants to read. */
function whatWineSaid(error: unknown): string {
  const text = describeError(error);
  return text.slice(Math.max(0, text.lastIndexOf('exit code ')));
}

/** Exit codes, since a pipe is no standard output for a Windows program. */
const start64 = "wine64 cmd.exe /c 'exit 64' || test $? = 64";
const start32 = String.raw`wine64 'C:\windows\syswow64\cmd.exe' /c 'exit 32' || test $? = 32`;

/** Wine asks for a thread's 32-bit segment by `int 0x80`; a kernel without it ends the process, at set-up too, which then leaves syswow64 empty. */
const mend32 =
  'The kernel must take 32-bit system calls: boot with ia32_emulation=on, then run windowbox setup --rebuild. 64-bit programs need neither.';
