import { readRuntimeParts } from '../../platform/index.js';
import { describeError } from '../../errors/index.js';
import { findDamage } from '../part-contents.js';
import { runWine } from '../wine-command.js';
import { type CheckContext, type Finding, ok, problem } from './finding.js';

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
  try {
    const begin = performance.now();
    await runWine(startPrograms, { root: parts.root, prefix: parts.prefix, timeoutMs: 60_000, keepPrefix: true });
    return [ok('wine', `Wine runs 64-bit and 32-bit programs (${((performance.now() - begin) / 1000).toFixed(1)} s)`)];
  } catch (error) {
    return [problem('wine', `Wine does not start: ${describeError(error)}`, 'windowbox setup --rebuild')];
  }
}

/** Exit codes, since a pipe is no standard output for a Windows program. */
const startPrograms = String.raw`
wine64 cmd.exe /c 'exit 64' || test $? = 64
wine64 'C:\windows\syswow64\cmd.exe' /c 'exit 32' || test $? = 32`;
