import { type BigIntStats, createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../../errors/index.js';
import { tarEnd, tarHeader, type TarHeaderFields, tarPadding } from '../../platform/index.js';
import { formatEntryName, type LayerTree, whiteoutPrefix } from './entry-name.js';
import { folderAttribute, pax, readOnlyAttribute } from './layer-pax.js';
import { targetOfLinuxLink } from './reparse-target.js';
import { defaultDescriptor } from './security-descriptor.js';
import { readSidecar, type SidecarMap, type SidecarRecord } from './sidecar.js';

export interface ExportOptions {
  readonly root: string;
  readonly meta: string;
  /** Nanoseconds since 1970: no time in the layer is later (`SOURCE_DATE_EPOCH`). */
  readonly latest?: bigint;
  /** Hears the bytes of each file and stream. */
  readonly onContent?: (bytes: number) => void;
}

/**
 * Writes an unpacked layer as a Windows layer, unpacked tar. Equal folders give equal bytes. What was imported comes out equal in
 * meaning; files made here get the metadata that Windows would have given them.
 */
export async function* exportLayer(options: ExportOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const state: ExportState = {
    options,
    sidecar: await readSidecar(join(options.meta, 'sidecar.jsonl')),
    files: new Map(),
  };
  yield* exportTree(state, 'Files', join(options.root, 'drive_c'));
  yield* exportTree(state, 'Hives', join(options.meta, 'hives'));
  if (exists(join(options.meta, 'utilityvm'))) yield* exportTree(state, 'UtilityVM', join(options.meta, 'utilityvm'));
  yield tarEnd;
}

interface ExportState {
  readonly options: ExportOptions;
  readonly sidecar: SidecarMap;
  /** First name of each file that has several, by inode. */
  readonly files: Map<bigint, string>;
}

interface Place {
  readonly tree: LayerTree;
  readonly parts: readonly string[];
  readonly path: string;
  readonly stats: BigIntStats;
}

async function* exportTree(state: ExportState, tree: LayerTree, path: string): AsyncGenerator<Uint8Array> {
  const stats = lstatSync(exists(path) ? path : join(state.options.root, 'drive_c'), { bigint: true });
  yield header(state, { tree, parts: [], path, stats }, { type: 'folder' });
  if (exists(path)) yield* exportFolder(state, { tree, parts: [], path, stats });
}

async function* exportFolder(state: ExportState, folder: Place): AsyncGenerator<Uint8Array> {
  for (const name of readdirSync(folder.path).sort()) {
    const path = join(folder.path, name);
    yield* exportPlace(state, {
      tree: folder.tree,
      parts: [...folder.parts, name],
      path,
      stats: lstatSync(path, { bigint: true }),
    });
  }
}

async function* exportPlace(state: ExportState, place: Place): AsyncGenerator<Uint8Array> {
  const { stats } = place;
  const known = state.sidecar.get(formatEntryName(place.tree, place.parts));
  if (stats.isCharacterDevice()) {
    yield whiteout(place);
    return;
  }
  if (known?.target !== undefined || stats.isSymbolicLink()) {
    const target = known?.target ?? targetOfLinuxLink(readlinkSync(place.path), place.parts.slice(0, -1));
    if (target !== undefined) yield header(state, place, { type: 'symlink', linkName: target });
  } else if (stats.isDirectory()) {
    if (known?.implied !== true) yield header(state, place, { type: 'folder' });
    yield* exportStreams(state, place, known);
    yield* exportFolder(state, place);
    return;
  } else if (stats.isFile()) yield* exportFile(state, place);
  yield* exportStreams(state, place, known);
}

async function* exportFile(state: ExportState, place: Place): AsyncGenerator<Uint8Array> {
  const { stats } = place;
  const name = formatEntryName(place.tree, place.parts);
  const first = stats.nlink > 1n ? state.files.get(stats.ino) : undefined;
  if (first !== undefined) {
    yield header(state, place, { type: 'hardlink', linkName: first });
    return;
  }
  if (stats.nlink > 1n) state.files.set(stats.ino, name);
  state.options.onContent?.(Number(stats.size));
  yield* withBody(header(state, place, { type: 'file', size: Number(stats.size) }), place.path, Number(stats.size));
}

async function* exportStreams(
  state: ExportState,
  place: Place,
  known: SidecarRecord | undefined,
): AsyncGenerator<Uint8Array> {
  for (const stream of known?.streams ?? []) {
    state.options.onContent?.(stream.size);
    const head = tarHeader({
      name: `${formatEntryName(place.tree, place.parts)}:${stream.name}`,
      type: 'file',
      size: stream.size,
      modified: modifiedOf(place, known),
    });
    yield* withBody(head, join(state.options.meta, 'streams', stream.file), stream.size);
  }
}

/** Small files go out with their header in one piece. */
async function* withBody(head: Buffer, path: string, size: number): AsyncGenerator<Uint8Array> {
  if (size <= 1 << 18) {
    yield Buffer.concat([head, readFileSync(path), tarPadding(size)]);
    return;
  }
  yield head;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }))
    if (chunk instanceof Uint8Array) yield chunk;
  yield tarPadding(size);
}

function whiteout({ tree, parts }: Place): Buffer {
  return tarHeader({
    name: formatEntryName(tree, [...parts.slice(0, -1), `${whiteoutPrefix}${parts.at(-1) ?? ''}`]),
    type: 'file',
  });
}

type Kind = Pick<TarHeaderFields, 'type' | 'size' | 'linkName'>;

function header(state: ExportState, place: Place, kind: Kind): Buffer {
  const name = formatEntryName(place.tree, place.parts);
  if (kind.type === 'hardlink') return tarHeader({ ...kind, name });
  const known = state.sidecar.get(name);
  const modified = modifiedOf(place, known);
  const descriptor =
    known?.sddl === undefined
      ? (known?.descriptor ?? defaultDescriptor(place.parts, kind.type === 'folder'))
      : undefined;
  return tarHeader({
    ...kind,
    name,
    modified,
    pax: {
      ...known?.pax,
      [pax.attributes]: String(known?.attributes ?? defaultAttributes(place, kind.type)),
      [pax.created]: known?.created ?? creationTime(modified),
      ...(descriptor === undefined ? {} : { [pax.descriptor]: descriptor }),
      ...(known?.sddl === undefined ? {} : { [pax.sddl]: known.sddl }),
      ...(known?.junction === undefined ? {} : { [pax.mountPoint]: known.junction ? '1' : '0' }),
    },
  });
}

function modifiedOf({ stats }: Place, known: SidecarRecord | undefined): bigint {
  return known?.modified === undefined ? stats.mtimeNs : BigInt(known.modified);
}

/** Always nine digits: readers take the fraction as it is written. */
function creationTime(nanoseconds: bigint): string {
  const fraction = nanoseconds % 1_000_000_000n;
  return `${String(nanoseconds / 1_000_000_000n)}.${String(fraction).padStart(9, '0')}`;
}

function defaultAttributes({ stats }: Place, type: TarHeaderFields['type']): number {
  if (type === 'folder') return folderAttribute;
  if (type === 'symlink') return reparseAttribute;
  return archiveAttribute | (stats.mode & 0o200n ? 0 : readOnlyAttribute);
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

const archiveAttribute = 0x20;
const reparseAttribute = 0x400;
