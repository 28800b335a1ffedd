import { join } from 'node:path';
import type { FileTree } from '../files/file-tree.js';
import { matchesPath, parseIgnore } from '../parse/match-patterns.js';
import { isFlagOn } from '../parse/check-flags.js';
import type { Flag, Instruction } from '../parse/parse-dockerfile.js';
import { partsOnDrive } from '../parse/windows-path.js';
import { badInstruction, type Build } from './build-state.js';
import { downloadFile } from './download-file.js';
import { bringFiles, hashSelections, type SelectedFile, type Selection, selectFiles } from './select-files.js';
import { isArchive } from './unpack-archive.js';

/** What the sources of a COPY or ADD stand for. */
export interface Found {
  readonly selections: readonly Selection[];
  /** Archives that ADD unpacks instead. */
  readonly archives: readonly SelectedFile[];
}

export interface CopyFrom {
  readonly instruction: Instruction;
  readonly sources: readonly string[];
  /** The context, or the C: of an image. */
  readonly tree: FileTree;
  readonly isImage: boolean;
  /** For downloads. */
  readonly scratch: string;
}

/** Finds the files that the sources mean; downloads those of addresses. @throws WindowboxError in Docker's words. */
export async function selectSources(build: Build, from: CopyFrom): Promise<Found> {
  const { instruction, sources, tree, isImage, scratch } = from;
  const isAdd = instruction.name === 'ADD';
  const excludes = flagValues(instruction.flags, 'exclude');
  const unpack = isFlagOn(instruction.flags, 'unpack');
  const parents = isFlagOn(instruction.flags, 'parents') === true;
  const [checksum] = flagValues(instruction.flags, 'checksum');
  const ignored = parseIgnore(excludes.join('\n'));
  const matches: Match[] = [];
  for (const [index, source] of sources.entries()) {
    if (isAdd && /^https?:\/\//iu.test(source)) {
      const folder = join(scratch, String(index));
      const downloaded = await downloadFile(source, { folder, checksum, signal: build.request.signal });
      // Docker unpacks a download only where it is told to, and a file of the context unless it is told not to.
      matches.push({ selection: downloaded, unpacks: unpack === true });
      continue;
    }
    if (checksum !== undefined) throw badInstruction("checksum can't be specified for non-HTTP(S) sources");
    const excluded = (path: string): boolean =>
      (!isImage && build.context.ignored(path)) ||
      ignored(path) ||
      excludes.some((one) => matchesPath(path.replace(/^.*\//u, ''), one));
    const matching = selectFiles({
      tree,
      source: isImage ? namesOnDrive(source) : source,
      parents,
      ignoreCase: isImage,
      excluded,
    });
    if (matching.length === 0) throw notFound(source, isImage, instruction);
    matches.push(...matching.map((selection) => ({ selection, unpacks: isAdd && unpack !== false })));
  }
  return splitArchives(matches);
}

interface Match {
  readonly selection: Selection;
  /** If it is an archive. */
  readonly unpacks: boolean;
}

async function splitArchives(matches: readonly Match[]): Promise<Found> {
  const candidates = new Map<Selection, SelectedFile>();
  for (const { selection, unpacks } of matches) {
    const [only] = selection.files;
    if (unpacks && selection.kind === 'file' && only?.entry.type === 'file') candidates.set(selection, only);
  }
  await bringFiles([...candidates.values()], 'content');
  const selections: Selection[] = [];
  const archives: SelectedFile[] = [];
  for (const { selection } of matches) {
    const file = candidates.get(selection);
    if (file && (await isArchive(file))) archives.push(file);
    else selections.push(selection);
  }
  return { selections, archives };
}

/** Without the drive; what `/./` marks stays marked. */
function namesOnDrive(source: string): string {
  const parts = source.replaceAll('\\', '/').split('/./');
  return parts.map((part) => partsOnDrive(part).join('/')).join('/./');
}

function notFound(source: string, isImage: boolean, { name }: Instruction): Error {
  const where = isImage ? 'in the image' : 'in build context or excluded by .dockerignore';
  return badInstruction(`${name} failed: file not found ${where}: stat ${source}: file does not exist`);
}

/** One digest over archives, which unpack to the same wherever they come from. */
export async function hashArchives(archives: readonly SelectedFile[]): Promise<string> {
  const selections = archives.map((file): Selection => ({ kind: 'file', name: 'archive', under: [], files: [file] }));
  return selections.length === 0 ? '' : hashSelections(selections);
}

function flagValues(flags: readonly Flag[], name: string): string[] {
  return flags.filter((flag) => flag.name === name).map(({ value = '' }) => value);
}
