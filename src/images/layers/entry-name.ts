import { WindowboxError } from '../../errors/index.js';

/** The three roots of a Windows layer: C:, registry hives, and the utility VM of a base image. */
export type LayerTree = 'Files' | 'Hives' | 'UtilityVM';

export interface EntryName {
  readonly tree: LayerTree;
  /** Below the root; empty for the root itself. */
  readonly parts: readonly string[];
  /** `FILE:STREAM`: an alternate data stream of the entry before it. */
  readonly stream?: string;
  /** `.wh.NAME`: the last part was deleted. */
  readonly deleted: boolean;
}

/**
 * Checks a name from a layer, which may come from an enemy. What Windows could not hold as a plain file below the layer's root, or
 * what would reach out of it, is refused with the name.
 *
 * @throws WindowboxError `invalid-argument`.
 */
export function parseEntryName(name: string): EntryName {
  if (Buffer.byteLength(name) > maxPath) throw refused(name, `it is longer than ${String(maxPath)} bytes`);
  const [root = '', ...parts] = name.replace(/^(?:\.\/)+/u, '').split('/');
  const tree = trees.find((known) => known === root);
  if (!tree) throw refused(name, 'it is not below Files, Hives or UtilityVM');
  const last = parts.at(-1);
  if (last === undefined) return { tree, parts: [], deleted: false };
  const deleted = last.startsWith(whiteoutPrefix);
  const [file = '', stream, ...rest] = (deleted ? last.slice(whiteoutPrefix.length) : last).split(':');
  if (stream !== undefined && (deleted || rest.length > 0 || stream === ''))
    throw refused(name, 'a part has a colon in it');
  const clean = [...parts.slice(0, -1), file];
  for (const part of clean) checkPart(part, name);
  if (stream !== undefined) checkCharacters(stream, name);
  if (clean.length > maxDepth) throw refused(name, `it is more than ${String(maxDepth)} folders deep`);
  return { tree, parts: clean, deleted, ...(stream === undefined ? {} : { stream }) };
}

/** The name of an entry, from what {@link parseEntryName} gave. */
export function formatEntryName(tree: LayerTree, parts: readonly string[]): string {
  return [tree, ...parts].join('/');
}

/** Equal for two names that Windows takes for one. One character stays one, as in Windows' own table. */
export function foldName(name: string): string {
  const upper = name.toUpperCase();
  // No character becomes shorter: as long as before, each has become one.
  if (upper.length === name.length) return upper;
  return name.replaceAll(/./gsu, foldCharacter);
}

function foldCharacter(character: string): string {
  const upper = character.toUpperCase();
  return upper.length === character.length ? upper : character;
}

function checkPart(part: string, name: string): void {
  if (part === '' || part === '.' || part === '..') throw refused(name, `a part of it is "${part}"`);
  checkCharacters(part, name);
  if (/[. ]$/u.test(part)) throw refused(name, 'a part of it ends in a dot or a space');
  if (deviceName.test(part)) throw refused(name, 'a part of it is the name of a device');
  if (part.startsWith(whiteoutPrefix)) throw refused(name, 'a part of it is a deletion mark');
  if (Buffer.byteLength(part) > 255) throw refused(name, 'a part of it is longer than 255 bytes');
}

function checkCharacters(part: string, name: string): void {
  if (forbidden.test(part)) throw refused(name, 'it has a character that Windows does not allow');
  if (part.includes('\uFFFD')) throw refused(name, 'it is no valid UTF-8');
}

function refused(name: string, reason: string): WindowboxError {
  const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  return new WindowboxError('invalid-argument', `Cannot unpack layer entry ${JSON.stringify(shown)}: ${reason}`);
}

export const whiteoutPrefix = '.wh.';
const trees: readonly LayerTree[] = ['Files', 'Hives', 'UtilityVM'];
// The rules of "Naming Files, Paths, and Namespaces": superscript digits count, an extension does not help.
const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\..*)?$/iu;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const forbidden = /[\u0000-\u001f<>:"\\|?*]/u;
/** Linux takes paths up to 4096 bytes; the store's own folders need some of them. */
const maxPath = 3600;
/** Programs that nest their packages come to some sixty; each level costs at every entry below it. */
const maxDepth = 256;
