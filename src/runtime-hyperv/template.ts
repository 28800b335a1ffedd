import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lockFile, runCommand } from '../platform/index.js';
import { bootTemplate } from './boot-template.js';
import { type Context, prepareFolders, vmUser } from './context.js';
import { describeTemplate, type Template, type TemplateInput } from './describe-template.js';
import { initialRoot } from './initial-root.js';
import { dropOldTemplates, dropUnfinished, makingSuffix, templateLock, touchTemplate } from './kept-templates.js';
import { describeBases } from './list-templates.js';
import { writeTemplateNotes } from './template-notes.js';
import { machineMemory } from './vm-size.js';
import { ensureEmptyDisk } from './writable-disk.js';

/** Hears what is being done, in a few words; called again with each step. Nothing is said where nobody has to wait. */
export type TemplateReport = (step: string) => void;

/** A template that is being made by this process, and who waits for it. */
export interface Making {
  step: string;
  readonly reports: Set<TemplateReport>;
  readonly done: Promise<void>;
}

/** Emulated, on a busy machine, a boot takes a minute. */
const makeMs = 600_000;

/**
 * Calls `act` with the template for this size and base, made if there is none; it is not dropped meanwhile. Of two who ask at once, in
 * one process or two, one makes it. What is half-made after a crash is never taken for a template.
 */
export async function withTemplate<Result>(
  context: Context,
  input: TemplateInput,
  use: { readonly report?: TemplateReport | undefined; readonly act: (template: Template) => Promise<Result> },
): Promise<Result> {
  context.starting++;
  try {
    await prepareFolders(context);
    const template = await describeTemplate(context, input);
    await ensure(context, template, use.report);
    return await use.act(template);
  } finally {
    context.starting--;
  }
}

async function ensure(context: Context, template: Template, report: TemplateReport = () => undefined): Promise<void> {
  if (await touchTemplate(template.folder)) return;
  const making = context.making.get(template.id) ?? beginMaking(context, template);
  making.reports.add(report);
  report(making.step);
  try {
    await making.done;
  } finally {
    making.reports.delete(report);
  }
}

function beginMaking(context: Context, template: Template): Making {
  const reports = new Set<TemplateReport>();
  const say = (step: string): void => {
    making.step = step;
    for (const report of reports) report(step);
  };
  const done = makeOnce(context, template, say).finally(() => context.making.delete(template.id));
  const making: Making = { step: 'looking for another that makes it', reports, done };
  context.making.set(template.id, making);
  return making;
}

async function makeOnce(context: Context, template: Template, say: TemplateReport): Promise<void> {
  const { folder } = template;
  const unlock = await lockFile(templateLock(folder), {
    timeoutMs: makeMs,
    onWait: (holder) => {
      say(`waiting for process ${String(holder)}, which makes it`);
    },
  });
  try {
    if (existsSync(folder)) return;
    const begun = Date.now();
    await makeTemplate(context, template, say);
    const seconds = ((Date.now() - begun) / 1000).toFixed(1);
    context.log(`made the template ${basename(folder)} of ${describeBases(template.notes)} in ${seconds} s`);
    await dropOldTemplates(context, folder);
    await dropUnfinished(context);
  } finally {
    await unlock();
  }
}

async function makeTemplate(context: Context, template: Template, say: TemplateReport): Promise<void> {
  const { folder } = template;
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
    const { shape } = template;
    await bootTemplate(context, { shape, files, state: own(template.state), name: basename(folder), say });
    await rm(files.disk);
    await chown(files.memory, 0, 0);
    await chmod(files.memory, 0o444);
    await writeTemplateNotes(unfinished, template.notes);
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function copySparse(from: string, to: string): Promise<void> {
  await runCommand('cp', ['--sparse=always', '--reflink=auto', from, to], { timeoutMs: 60_000 });
}
