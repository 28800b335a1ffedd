import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { lockFile, runCommand } from '../platform/index.js';
import { type Context, prepareFolders, vmUser } from './context.js';
import { ensureErofsImage } from './erofs-image.js';
import { initialRoot } from './initial-root.js';
import { bootTemplate } from './boot-template.js';
import type { MachineFiles, MachineShape } from './qemu-arguments.js';
import { machineMemory, type VmSize } from './vm-size.js';
import { ensureEmptyDisk } from './writable-disk.js';

/** A VM that was booted once, with Wine up and an agent that takes programs, stopped and kept. */
export interface Template {
  readonly shape: MachineShape;
  /** All but the disk. */
  readonly files: Omit<MachineFiles, 'disk'>;
  readonly state: string;
}

export interface TemplateInput {
  readonly size: VmSize;
  /** The base's folders, topmost first. */
  readonly bases: readonly string[];
}

/** Emulated, on a busy machine, a boot takes a minute. */
const makeMs = 600_000;
/** More than anybody needs at once; each takes about 300 MB. */
const keptTemplates = 8;
/** Changes when what a template holds changes without any part of its key: the guest's set-up, QEMU's arguments. */
const formatVersion = 1;
const makingSuffix = '.making';
const lockOf = (folder: string): string => `${folder}.lock`;

/**
 * The template for this size and base, made if there is none. Of two who ask at once, in one process or two, one makes it. What is
 * half-made after a crash is never taken for a template.
 */
export async function ensureTemplate(context: Context, input: TemplateInput): Promise<Template> {
  await prepareFolders(context);
  const template = await describeTemplate(context, input);
  const folder = join(template.state, '..');
  if (await touch(folder)) return template;
  const unlock = await lockFile(lockOf(folder), { timeoutMs: makeMs });
  try {
    if (existsSync(folder)) return template;
    const begun = Date.now();
    context.log(`making the template ${basename(folder)}: this start takes longer, later ones do not`);
    await makeTemplate(context, template, folder);
    context.log(`made the template ${basename(folder)} in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    await dropStaleTemplates(context, folder);
    await dropUnfinished(context);
    return template;
  } finally {
    await unlock();
  }
}

async function describeTemplate(context: Context, input: TemplateInput): Promise<Template> {
  const { parts } = context.options;
  const accelerator = await (context.found.accelerator ??= context.options.accelerator());
  const rootImage = await ensureErofsImage(context, parts.root, 'root');
  const baseImages = await Promise.all(input.bases.map(async (base) => ensureErofsImage(context, base, 'program')));
  const shape = { accelerator, size: input.size, bases: input.bases.length };
  const key = {
    formatVersion,
    shape,
    parts: [parts.kernel, parts.guest, rootImage, ...baseImages].map((path) => basename(path)),
    qemu: await qemuVersion(context),
    processor: cpus()[0]?.model ?? '',
  };
  const name = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 24);
  const folder = join(context.templates, name);
  return {
    shape,
    state: join(folder, 'state'),
    files: {
      kernel: join(parts.kernel, 'vmlinuz'),
      initialRoot: join(folder, 'initial-root'),
      memory: join(folder, 'memory'),
      rootImage,
      baseImages,
    },
  };
}

async function makeTemplate(context: Context, template: Template, folder: string): Promise<void> {
  const unfinished = folder + makingSuffix;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o711 });
  try {
    const own = (path: string): string => join(unfinished, basename(path));
    const files = {
      ...template.files,
      initialRoot: own(template.files.initialRoot),
      memory: own(template.files.memory),
      disk: join(unfinished, 'disk'),
    };
    await writeFile(files.initialRoot, await initialRoot(context.options.parts));
    await writeFile(files.memory, '');
    await truncate(files.memory, machineMemory(template.shape.size.memory) * 1024 * 1024);
    await chown(files.memory, vmUser, vmUser);
    await copySparse(await ensureEmptyDisk(context), files.disk);
    await bootTemplate(context, { shape: template.shape, files, state: own(template.state), name: basename(folder) });
    await rm(files.disk);
    await chown(files.memory, 0, 0);
    await chmod(files.memory, 0o444);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Those that nobody used for the longest time. A VM that runs on one keeps its memory: a removed file lives until it is closed. */
async function dropStaleTemplates(context: Context, keep: string): Promise<void> {
  const templates = await listTemplates(context);
  const old = templates.filter(({ folder }) => folder !== keep).sort((a, b) => b.usedAt - a.usedAt);
  for (const { folder } of old.slice(keptTemplates - 1)) await rm(folder, { recursive: true, force: true });
}

/** Half-made templates of a process that died: whoever makes one holds its lock. */
async function dropUnfinished(context: Context): Promise<void> {
  for (const name of (await readdir(context.templates)).filter((entry) => entry.endsWith(makingSuffix))) {
    const folder = join(context.templates, name);
    const unlock = await lockFile(lockOf(folder.slice(0, -makingSuffix.length)), { timeoutMs: 0 }).catch(
      () => undefined,
    );
    if (unlock === undefined) continue;
    await rm(folder, { recursive: true, force: true });
    await unlock();
  }
}

/** All that are there, with the time of their last use in milliseconds since 1970. */
export async function listTemplates(
  context: Context,
): Promise<readonly { readonly folder: string; readonly usedAt: number }[]> {
  const names = await readdir(context.templates).catch(() => []);
  const found = names.filter((name) => /^[0-9a-f]{24}$/u.test(name)).map((name) => join(context.templates, name));
  return Promise.all(found.map(async (folder) => ({ folder, usedAt: await usedAt(folder) })));
}

/** True when it is there. Its time of change tells when it was used last. */
async function touch(folder: string): Promise<boolean> {
  const now = new Date();
  return utimes(join(folder, 'used'), now, now).then(
    () => true,
    async () => (existsSync(folder) ? writeFile(join(folder, 'used'), '').then(() => true) : false),
  );
}

async function usedAt(folder: string): Promise<number> {
  return stat(join(folder, 'used')).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function copySparse(from: string, to: string): Promise<void> {
  await runCommand('cp', ['--sparse=always', '--reflink=auto', from, to], { timeoutMs: 60_000 });
}

/** Asked once per daemon: an upgrade of QEMU under a running daemon is found by a restore that fails. */
async function qemuVersion(context: Context): Promise<string> {
  context.found.qemuVersion ??= runCommand(context.qemu, ['--version'], { timeoutMs: 10_000 }).then(
    ({ stdout }) => stdout.split('\n')[0] ?? '',
  );
  return context.found.qemuVersion;
}
