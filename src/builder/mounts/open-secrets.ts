import { chmod, mkdtemp, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { runCommand } from '../../platform/index.js';
import type { Build } from '../evaluate/build-state.js';
import type { RunMount } from '../parse/parse-mount.js';
import type { MountStep, OpenMount, Undo } from './mount-step.js';

type SecretMount = Extract<RunMount, { type: 'secret' }>;

/**
 * The secrets of a step, as files in memory and as variables. They are on no disk: ramfs is never swapped out, and the variables go
 * to the program alone.
 *
 * @throws WindowboxError `not-found` with the line for a required one that the client did not give.
 */
export async function openSecrets(
  build: Build,
  { mounts, line }: MountStep,
  later: Undo,
): Promise<{ readonly mounts: readonly OpenMount[]; readonly env: readonly string[] }> {
  const given = mounts.flatMap((mount) => {
    if (mount.type !== 'secret') return [];
    const value = build.request.secrets.get(mount.id);
    if (value === undefined && mount.required) throw notGiven(mount, line);
    return value === undefined ? [] : [{ mount, value }];
  });
  const env = given.flatMap(({ mount, value }) =>
    mount.env === undefined ? [] : [`${mount.env}=${textOf(mount.id, value)}`],
  );
  const files = given.filter(({ mount }) => mount.target !== undefined);
  if (files.length === 0) return { mounts: [], env };
  const folder = await memoryFolder(build, later);
  const open: OpenMount[] = [];
  for (const [index, { mount, value }] of files.entries()) {
    const source = join(folder, String(index));
    // Its folder keeps others of this machine out; who the programs are to it is different in each isolation.
    await writeFile(source, value);
    await chmod(source, 0o444);
    open.push({ source, target: mount.target ?? '', readOnly: true });
  }
  return { mounts: open, env };
}

async function memoryFolder(build: Build, later: Undo): Promise<string> {
  const folder = await mkdtemp(join(build.host.state.work, 'secrets-'));
  later(async () => rmdir(folder));
  await runCommand('mount', ['-t', 'ramfs', '-o', 'mode=0700', 'ramfs', folder], { timeoutMs: 30_000 });
  later(async () => {
    await runCommand('umount', ['-l', folder], { timeoutMs: 30_000 });
  });
  return folder;
}

function textOf(id: string, value: Uint8Array): string {
  const text = Buffer.from(value).toString();
  if (!text.includes('\0')) return text;
  throw new WindowboxError('invalid-argument', `Cannot put secret "${id}" into the environment: it is no text`);
}

function notGiven({ id }: SecretMount, line: number): WindowboxError {
  return new WindowboxError(
    'not-found',
    `secret ${id}: not found (line ${String(line)} of the Dockerfile requires it)`,
    {
      hint: `Give it with "windowbox build --secret id=${id},src=FILE". Docker's client cannot carry secrets to a Windows engine.`,
    },
  );
}
