import { mkdtemp, rm } from 'node:fs/promises';
import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expandWord, expandWords } from '../parse/expand-words.js';
import { matchesPath, parseIgnore } from '../parse/match-patterns.js';
import type { Flag, Heredoc, Instruction } from '../parse/parse-dockerfile.js';
import { joinWorkdir, partsOnDrive } from '../parse/windows-path.js';
import { digestOf } from './build-context.js';
import { badInstruction, type Build, commitStage, findCached, nopStep, type Stage, useImage } from './build-state.js';
import { expandOptions } from './config-instructions.js';
import { type CopyItem, copyLayer } from './copy-layer.js';
import { downloadFile } from './download-file.js';
import { isArchive, unpackArchive } from './unpack-archive.js';
import { hashSelections, type Selection, selectFiles } from './select-files.js';
import { findStage } from './stages.js';

/** `COPY` and `ADD`: files of the context, of a stage or of another image, texts, and for ADD archives and downloads. */
export async function copyInstruction(build: Build, stage: Stage, instruction: Instruction): Promise<void> {
  const options = expandOptions(build, stage);
  checkFlags(build, instruction);
  const words = instruction.json
    ? instruction.json.map((word) => expandWord(word, options))
    : expandWords(instruction.rest, options);
  const target = words.at(-1) ?? '';
  const sources = words.slice(0, -1);
  if (sources.length === 0)
    throw badInstruction(
      `${instruction.name} requires at least two arguments, but only one was provided. Destination could not be determined.`,
    );
  const texts = instruction.heredocs;
  const named = sources.filter((source) => !texts.some(({ name }) => isHeredocWord(source, name)));
  const scratch = await mkdtemp(join(tmpdir(), 'windowbox-add-'));
  const place = await openSource(build, instruction);
  try {
    const found = await select(build, {
      instruction,
      sources: named,
      root: place.root,
      isImage: place.isImage,
      scratch,
    });
    await writeStep(build, stage, {
      instruction,
      found,
      texts,
      isImage: place.isImage,
      target,
      count: sources.length,
      options,
    });
  } finally {
    await place.release();
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Found {
  readonly selections: readonly Selection[];
  /** Archives that ADD unpacks instead. */
  readonly archives: readonly string[];
}

interface Step {
  readonly instruction: Instruction;
  readonly found: Found;
  readonly texts: readonly Heredoc[];
  /** From an image or stage, not from the context. */
  readonly isImage: boolean;
  readonly target: string;
  readonly count: number;
  readonly options: ReturnType<typeof expandOptions>;
}

async function writeStep(build: Build, stage: Stage, step: Step): Promise<void> {
  const { instruction, found, texts, target } = step;
  const contents = texts.map(({ name, content, expand }) => ({
    name,
    bytes: Buffer.from(expand ? expandHeredoc(content, step.options) : content),
  }));
  const single = found.selections[0];
  const folder = isFolderTarget(target) || step.count > 1;
  if (step.count > 1 && !isFolderTarget(target))
    throw badInstruction(
      `When using ${instruction.name} with more than one source file, the destination must be a directory and end with a /`,
    );
  const hash = digestOf(
    (await hashOnce(build, step)) +
      (await hashFiles(found.archives)) +
      contents.map(({ name, bytes }) => name + digestOf(bytes)).join(),
  );
  const kind = step.count > 1 ? 'multi' : (single?.kind ?? 'file') === 'folder' ? 'dir' : 'file';
  const path = joinWorkdir(stage.config.WorkingDir ?? '', target);
  const createdBy = nopStep(`${instruction.name} ${kind}:${hash} in ${path} `);
  const cached = await findCached(build, stage, createdBy);
  if (cached !== undefined) {
    useImage(build, stage, cached);
    return;
  }
  const top = partsOnDrive(path);
  const isFolder = folder || (await isFolderInImage(build, stage, top));
  await commitStage({ ...build, request: { ...build.request, noCache: true } }, stage, {
    createdBy,
    // The place is in the text of the step, times are in the layer: the same build, so the same files.
    ...(step.isImage ? {} : { filesKey: `${build.id} ${createdBy} ${String(isFolder)}` }),
    files: () => writeItems({ ...found, contents, top, isFolder }),
  });
}

/** Files of the context are read once for all platforms of a build. */
async function hashOnce(build: Build, { found, isImage }: Step): Promise<string> {
  if (isImage) return hashSelections(found.selections);
  const key = JSON.stringify(
    found.selections.map(({ kind, name, files }) => [kind, name, files.map(({ path, place }) => [path, place])]),
  );
  const known = build.hashes.get(key) ?? (await hashSelections(found.selections));
  build.hashes.set(key, known);
  return known;
}

async function* writeItems(step: {
  readonly selections: readonly Selection[];
  readonly archives: readonly string[];
  readonly contents: readonly { name: string; bytes: Uint8Array }[];
  readonly top: readonly string[];
  readonly isFolder: boolean;
}): AsyncGenerator<Uint8Array> {
  const { top, isFolder } = step;
  const items: CopyItem[] = [];
  for (const { kind, name, files } of step.selections) {
    const into = kind === 'file' && isFolder ? [...top, name] : top;
    if (kind === 'folder') items.push({ parts: top, folder: true });
    for (const from of files) items.push({ parts: [...into, ...from.place], from });
  }
  for (const { name, bytes } of step.contents) items.push({ parts: isFolder ? [...top, name] : top, content: bytes });
  for (const archive of step.archives) items.push({ parts: top, folder: true }, ...(await unpackArchive(archive, top)));
  yield* copyLayer(items);
}

async function select(
  build: Build,
  from: { instruction: Instruction; sources: readonly string[]; root: string; isImage: boolean; scratch: string },
): Promise<Found> {
  const { instruction, sources, root, isImage, scratch } = from;
  const isAdd = instruction.name === 'ADD';
  const excludes = flagValues(instruction.flags, 'exclude');
  const ignored = parseIgnore(excludes.join('\n'));
  const selections: Selection[] = [];
  const archives: string[] = [];
  for (const [index, source] of sources.entries()) {
    if (isAdd && /^https?:\/\//iu.test(source)) {
      selections.push(
        await downloadFile(source, {
          folder: join(scratch, String(index)),
          checksum: flagValues(instruction.flags, 'checksum')[0],
          signal: build.request.signal,
        }),
      );
      continue;
    }
    const excluded = (path: string): boolean =>
      (!isImage && build.context.ignored(path)) ||
      ignored(path) ||
      excludes.some((one) => matchesPath(path.replace(/^.*\//u, ''), one));
    const matching = selectFiles({
      root,
      source: isImage ? partsOnDrive(source).join('/') : source,
      ignoreCase: isImage,
      excluded,
    });
    if (matching.length === 0) throw notFound(source, isImage, instruction);
    for (const selection of matching) {
      const only = selection.kind === 'file' ? selection.files[0] : undefined;
      if (isAdd && only?.type === 'file' && (await isArchive(only.path))) archives.push(only.path);
      else selections.push(selection);
    }
  }
  return { selections, archives };
}

function notFound(source: string, isImage: boolean, { name }: Instruction): Error {
  const where = isImage ? 'in the image' : 'in build context or excluded by .dockerignore';
  return badInstruction(`${name} failed: file not found ${where}: stat ${source}: file does not exist`);
}

/** The context, or the file system of a stage or image. */
async function openSource(
  build: Build,
  { flags }: Instruction,
): Promise<{ root: string; isImage: boolean; release: () => Promise<void> }> {
  const from = flags.find(({ name }) => name === 'from')?.value;
  if (from === undefined) return { root: build.context.folder, isImage: false, release: async () => {} };
  const id = findStage(build, from) ?? (await imageOf(build, from));
  const mounted = await build.host.mount(id);
  return { root: join(mounted.path, 'drive_c'), isImage: true, release: async () => mounted.release() };
}

async function imageOf(build: Build, name: string): Promise<string> {
  const { platform, request } = build;
  const report = (line: string): void => {
    build.say({ stream: `${line}\n` });
  };
  const { id } = await build.host.image(name, { platform, pull: false, signal: request.signal, report });
  build.host.keep(id, build.id);
  return id;
}

async function isFolderInImage(build: Build, stage: Stage, parts: readonly string[]): Promise<boolean> {
  if (parts.length === 0) return true;
  const mounted = await build.host.mount(stage.imageId);
  try {
    const [found] = selectFiles({
      root: join(mounted.path, 'drive_c'),
      source: parts.join('/').replaceAll(/[[\]*?]/gu, '?'),
      ignoreCase: true,
      excluded: () => false,
    });
    return found?.kind === 'folder';
  } finally {
    await mounted.release();
  }
}

function checkFlags(build: Build, { name, flags }: Instruction): void {
  for (const flag of flags) {
    const known = knownFlags[name]?.includes(flag.name) === true;
    if (!known) throw badInstruction(`unknown flag: ${flag.name}`);
    if (flag.name === 'chown' || flag.name === 'chmod')
      build.say({ stream: `[Warning] --${flag.name} changes nothing: Windows has no such owners and modes\n` });
  }
}

const knownFlags: Readonly<Record<string, readonly string[]>> = {
  COPY: ['from', 'chown', 'chmod', 'link', 'parents', 'exclude'],
  ADD: ['chown', 'chmod', 'link', 'checksum', 'exclude', 'unpack', 'keep-git-dir'],
};

function flagValues(flags: readonly Flag[], name: string): string[] {
  return flags.filter((flag) => flag.name === name).map(({ value = '' }) => value);
}

function isHeredocWord(word: string, name: string): boolean {
  return new RegExp(`^\\d*<<-?["']?${name.replaceAll('.', '\\.')}["']?$`, 'u').test(word);
}

function expandHeredoc(content: string, options: Step['options']): string {
  // Quotes mean nothing in a heredoc: only variables are looked for.
  return content.replaceAll(/\$(?:\{[^}]*\}|[A-Za-z_]\w*)/gu, (found) => expandWord(found, options));
}

function isFolderTarget(target: string): boolean {
  return /[\\/]$/u.test(target) || target === '.' || /[\\/]\.$/u.test(target);
}

async function hashFiles(paths: readonly string[]): Promise<string> {
  const selections = paths.map((path): Selection => {
    const stats = lstatSync(path);
    return { kind: 'file', name: 'archive', files: [{ path, place: [], type: 'file', stats }] };
  });
  return selections.length === 0 ? '' : hashSelections(selections);
}
