import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import { runCommand } from '../platform/index.js';

interface Output {
  readonly name: string;
  readonly compiler: string;
  readonly flags: readonly string[];
  /** Relative to the folder of build.json. */
  readonly sources: readonly string[];
  readonly libraries: readonly string[];
}

/**
 * Compiles what runs beside the program, as `build.json` in `guestFolder` (the repository's `guest/`) says, and resolves with the
 * paths: `agent.exe` (Windows side, run by Wine) and `windowbox-init` (Linux, static).
 *
 * @throws WindowboxError `not-found` when a compiler is missing, `internal` with the compiler's words.
 */
export async function compileGuestPrograms(
  guestFolder: string,
  outFolder: string,
): Promise<{ readonly agent: string; readonly init: string }> {
  const outputs = parseOutputs(await readFile(join(guestFolder, 'build.json'), 'utf8'));
  await Promise.all(
    outputs.map(async ({ name, compiler, flags, sources, libraries }) =>
      runCommand(compiler, [...flags, '-o', join(outFolder, name), ...sources, ...libraries], {
        cwd: guestFolder,
        timeoutMs: 120_000,
      }),
    ),
  );
  return { agent: join(outFolder, 'agent.exe'), init: join(outFolder, 'windowbox-init') };
}

function parseOutputs(text: string): readonly Output[] {
  const parsed: unknown = JSON.parse(text);
  if (!isRecord(parsed) || !Array.isArray(parsed['outputs'])) throw malformed();
  return parsed['outputs'].map((output: unknown) => {
    if (!isRecord(output)) throw malformed();
    const { name, compiler } = output;
    if (typeof name !== 'string' || typeof compiler !== 'string') throw malformed();
    return {
      name,
      compiler,
      flags: strings(output['flags']),
      sources: strings(output['sources']),
      libraries: strings(output['libraries']),
    };
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function strings(value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string')) throw malformed();
  return value;
}

function malformed(): WindowboxError {
  return new WindowboxError('internal', 'Cannot read "build.json": not the expected shape');
}
