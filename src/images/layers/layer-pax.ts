import { WindowboxError } from '../../errors/index.js';
import type { TarHeader } from '../../platform/index.js';
import type { SidecarRecord } from './sidecar.js';

/** The PAX keys of the format; see go-winio's backuptar. */
export const pax = {
  attributes: 'MSWINDOWS.fileattr',
  descriptor: 'MSWINDOWS.rawsd',
  sddl: 'MSWINDOWS.sd',
  mountPoint: 'MSWINDOWS.mountpoint',
  created: 'LIBARCHIVE.creationtime',
} as const;

const readElsewhere = new Set<string>([...Object.values(pax), 'path', 'linkpath', 'size', 'mtime', 'uid', 'gid']);
export const readOnlyAttribute = 0x1;
export const folderAttribute = 0x10;

/** What the sidecar keeps of an entry, named `path` on the disk: all that its file there cannot hold. @throws WindowboxError `invalid-argument`. */
export function recordOf(header: TarHeader, path: string): SidecarRecord {
  const rest = Object.entries(header.pax).filter(([key]) => !readElsewhere.has(key));
  const attributes = attributesOf(header);
  const { [pax.descriptor]: descriptor, [pax.sddl]: sddl, [pax.created]: created } = header.pax;
  return {
    path,
    modified: String(header.modified),
    ...(attributes === undefined ? {} : { attributes }),
    ...(descriptor === undefined ? {} : { descriptor }),
    ...(sddl === undefined ? {} : { sddl }),
    ...(created === undefined ? {} : { created }),
    ...(header.type === 'symlink' ? { target: header.linkName } : {}),
    ...(header.pax[pax.mountPoint] === undefined ? {} : { junction: header.pax[pax.mountPoint] === '1' }),
    ...(rest.length === 0 ? {} : { pax: Object.fromEntries(rest) }),
  };
}

/** Windows' attribute bits, where the entry has them. @throws WindowboxError `invalid-argument`. */
export function attributesOf(header: TarHeader): number | undefined {
  const text = header.pax[pax.attributes];
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/u.test(text)) throw refused(header, `its attributes are ${JSON.stringify(text.slice(0, 40))}`);
  return Number(text);
}

/** The error for an entry that no layer may have; `reason` goes on from its name. */
export function refused(header: TarHeader, reason: string): WindowboxError {
  return new WindowboxError(
    'invalid-argument',
    `Cannot unpack layer entry ${JSON.stringify(header.name.slice(0, 200))}: ${reason}`,
  );
}
