import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../files/digest-of.js';
import { expandWord, expandWords } from '../parse/expand-words.js';
import { isFlagOn } from '../parse/check-flags.js';
import type { Heredoc, Instruction } from '../parse/parse-dockerfile.js';
import { joinWorkdir, partsOnDrive } from '../parse/windows-path.js';
import {
  badInstruction,
  type Build,
  commitStage,
  findCached,
  nopStep,
  type Stage,
  useImage,
  warnOnce,
} from './build-state.js';
import { expandOptions } from './config-instructions.js';
import { type Found, hashArchives, selectSources } from './copy-sources.js';
import { expandHeredoc, isHeredocWord } from './copy-texts.js';
import { isFolderInImage, openSource } from './open-source.js';
import { hashSelections } from './select-files.js';
import { writeItems } from './write-items.js';

/** `COPY` and `ADD`: files of the context, of a stage or of another image, texts, and for ADD archives and downloads. */
export async function copyInstruction(build: Build, stage: Stage, instruction: Instruction): Promise<void> {
  const options = expandOptions(build, stage);
  warnOfFlags(build, instruction);
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
  const scratch = await mkdtemp(join(build.host.state.work, 'add-'));
  const place = await openSource(build, instruction.flags.find(({ name }) => name === 'from')?.value);
  try {
    const found = await selectSources(build, {
      instruction,
      sources: named,
      tree: place.tree,
      isImage: place.isImage,
      scratch,
    });
    await writeStep(build, stage, {
      instruction,
      found,
      texts,
      isImage: place.isImage,
      target,
      scratch,
      count: sources.length,
      options,
    });
  } finally {
    await place.release();
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Step {
  readonly instruction: Instruction;
  readonly found: Found;
  readonly texts: readonly Heredoc[];
  /** From an image or stage, not from the context. */
  readonly isImage: boolean;
  readonly target: string;
  readonly scratch: string;
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
  const keepsParents = isFlagOn(instruction.flags, 'parents') === true;
  const folder = isFolderTarget(target) || step.count > 1 || keepsParents;
  if (step.count > 1 && !isFolderTarget(target))
    throw badInstruction(
      `When using ${instruction.name} with more than one source file, the destination must be a directory and end with a /`,
    );
  const hash = digestOf(
    (await hashOnce(build, step)) +
      (await hashArchives(found.archives)) +
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
    files: () => writeItems(build, { ...found, contents, top, isFolder, scratch: step.scratch }),
  });
}

/** Files of the context are read once for all platforms of a build. */
async function hashOnce(build: Build, { found, isImage }: Step): Promise<string> {
  if (isImage) return hashSelections(found.selections);
  const key = JSON.stringify(
    found.selections.map(({ kind, name, files, under }) => [
      kind,
      name,
      under,
      files.map(({ path, place }) => [path.join('/'), place.join('/')]),
    ]),
  );
  const known = build.hashes.get(key) ?? hashSelections(found.selections);
  build.hashes.set(key, known);
  return known;
}

function warnOfFlags(build: Build, { flags }: Instruction): void {
  for (const { name } of flags)
    if (name === 'chown' || name === 'chmod')
      warnOnce(build, `--${name} changes nothing: Windows has no such owners and modes`);
}

function isFolderTarget(target: string): boolean {
  return /[\\/]$/u.test(target) || target === '.' || /[\\/]\.$/u.test(target);
}
