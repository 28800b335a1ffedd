import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { runCommand } from '../platform/index.js';
import type { Context } from './context.js';
import { ensureErofsImage } from './erofs-image.js';
import type { MachineFiles, MachineShape } from './qemu-arguments.js';
import type { TemplateNotes } from './template-notes.js';
import type { VmSize } from './vm-size.js';

/** A VM that was booted once, with Wine up and an agent that takes programs, stopped and kept. */
export interface Template {
  readonly id: string;
  readonly folder: string;
  readonly shape: MachineShape;
  /** All but the disk. */
  readonly files: Omit<MachineFiles, 'disk'>;
  readonly state: string;
  readonly notes: TemplateNotes;
}

export interface TemplateInput {
  readonly size: VmSize;
  /** The base's folders, topmost first. */
  readonly bases: readonly string[];
}

/** Changes when what a template holds changes without any part of its key: the guest's set-up, QEMU's arguments. */
const formatVersion = 4;

/** Which template this is and where its parts are, made or not. Makes the disk images of the base, which are part of its name. */
export async function describeTemplate(context: Context, input: TemplateInput): Promise<Template> {
  const { parts } = context.options;
  const accelerator = await findAccelerator(context);
  const rootImage = await ensureErofsImage(context, parts.root, 'root');
  const baseImages = await Promise.all(input.bases.map(async (base) => ensureErofsImage(context, base, 'program')));
  const notes: TemplateNotes = {
    version: 1,
    machine: await describeMachine(context),
    bases: input.bases.map((folder) => basename(folder)),
    images: [rootImage, ...baseImages].map((path) => basename(path)),
    memory: input.size.memory,
    processors: input.size.processors,
  };
  const id = hash(notes);
  const folder = join(context.templates, id);
  return {
    id,
    folder,
    notes,
    shape: { accelerator, size: input.size, bases: input.bases.length },
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

/** All that a template needs of its machine: on another one none of its VMs would run. */
export async function describeMachine(context: Context): Promise<string> {
  const { parts } = context.options;
  return hash({
    formatVersion,
    accelerator: await findAccelerator(context),
    parts: [parts.kernel, parts.guest, parts.root].map((path) => basename(path)),
    qemu: await qemuVersion(context),
    processor: cpus()[0]?.model ?? '',
  });
}

async function findAccelerator(context: Context): Promise<MachineShape['accelerator']> {
  return (context.found.accelerator ??= context.options.accelerator());
}

/** Asked once per daemon: an upgrade of QEMU under a running daemon is found by a restore that fails. */
async function qemuVersion(context: Context): Promise<string> {
  context.found.qemuVersion ??= runCommand(context.qemu, ['--version'], { timeoutMs: 10_000 }).then(
    ({ stdout }) => stdout.split('\n')[0] ?? '',
  );
  return context.found.qemuVersion;
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}
