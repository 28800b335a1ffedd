import { foldName } from './entry-name.js';

/** What a reparse point means for a Linux disk. */
export type LinkTarget =
  /** A place on C:, as parts from its root, to be spelled as it is on the disk. */
  | { readonly kind: 'inside'; readonly parts: readonly string[] }
  /** Another drive, a volume or a share: kept beside, nothing to follow here. */
  | { readonly kind: 'elsewhere' }
  /** Climbs over the root, or is no path at all: an attack, or nonsense. */
  | { readonly kind: 'escapes' };

/**
 * Reads a raw reparse target: `C:\x`, `\??\C:\x`, `\x` and paths relative to the folder that the link is in.
 *
 * @param folder - parts of the folder that the link is in.
 */
export function readReparseTarget(target: string, folder: readonly string[]): LinkTarget {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (target.length > 3000 || /[\u0000-\u001f]/u.test(target)) return { kind: 'escapes' };
  const plain = target.replaceAll('/', '\\').replace(/^\\(?:\\\?|\?\?|\\\.)\\/u, '');
  if (/^(?:UNC\\|\\\\|Volume\{)/iu.test(plain)) return { kind: 'elsewhere' };
  const drive = /^([a-z]):(\\|$)/iu.exec(plain);
  if (drive && foldName(drive[1] ?? '') !== 'C') return { kind: 'elsewhere' };
  if (!drive && plain.includes(':')) return { kind: 'elsewhere' };
  const start = drive !== null || plain.startsWith('\\') ? [] : [...folder];
  for (const part of plain.slice(drive ? 2 : 0).split('\\')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') start.push(part);
    else if (start.pop() === undefined) return { kind: 'escapes' };
  }
  return { kind: 'inside', parts: start };
}

/** A Linux link from a folder to parts of the same drive, never absolute. */
export function relativeLink(folder: readonly string[], parts: readonly string[]): string {
  let same = 0;
  while (same < folder.length && same < parts.length && folder[same] === parts[same]) same += 1;
  const up = folder.slice(same).map(() => '..');
  return [...up, ...parts.slice(same)].join('/') || '.';
}

/** What Windows should have for a link that a program made under Wine; undefined when it leads off the drive. */
export function targetOfLinuxLink(link: string, folder: readonly string[]): string | undefined {
  if (link.startsWith('/')) return undefined;
  const depth = [...folder];
  for (const part of link.split('/')) {
    if (part === '..' && depth.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.') depth.push(part);
  }
  return link.replaceAll('/', '\\');
}
