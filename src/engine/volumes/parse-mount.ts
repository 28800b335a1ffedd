import { WindowboxError } from '../../errors/index.js';
import { dockerText } from '../docker-texts.js';
import type { MountRequest } from '../types.js';

/** What only the API's `Mounts` can ask for. */
export const noMountOptions: Omit<MountRequest, 'type' | 'source' | 'target' | 'readOnly'> = {
  noCopy: false,
  subpath: '',
  createSource: false,
  propagation: '',
  labels: {},
  driver: '',
  driverOptions: {},
};

/**
 * One `-v` value: `[SOURCE:]TARGET[:MODE]`. The target is a Windows path; the source a path of this Linux host or a volume's name.
 * Without a source it is an anonymous volume.
 *
 * @throws WindowboxError `invalid-argument` with Docker's text.
 */
export function parseBind(specification: string): MountRequest {
  const match = /^(?:(?<source>.*?):)?(?<target>[a-zA-Z]:[\\/][^:]*|[a-zA-Z]:)(?::(?<mode>[^:\\/]*))?$/u.exec(
    specification,
  );
  const { source = '', target, mode = '' } = match?.groups ?? {};
  if (target === undefined)
    throw new WindowboxError('invalid-argument', dockerText('invalidVolumeSpecification', specification), bindHint);
  const readOnly = parseMode(mode);
  return {
    type: source.startsWith('/') ? 'bind' : 'volume',
    source,
    target: normaliseTarget(target),
    readOnly,
    ...noMountOptions,
  };
}

/**
 * One `--volumes-from` value: `CONTAINER[:MODE]`.
 *
 * @throws WindowboxError `invalid-argument` with Docker's text.
 */
export function parseVolumesFrom(specification: string): { readonly container: string; readonly readOnly: boolean } {
  if (specification === '') throw new WindowboxError('invalid-argument', dockerText('volumesFromEmpty'));
  const colon = specification.indexOf(':');
  if (colon === -1) return { container: specification, readOnly: false };
  return { container: specification.slice(0, colon), readOnly: parseMode(specification.slice(colon + 1)) };
}

/** Checks a mount of the API's `Mounts` by Docker's rules for Windows and normalises its target. */
export function checkMount(mount: MountRequest): MountRequest {
  const { type, source, target } = mount;
  if (type === 'npipe')
    throw unsupported(
      'a named pipe of the host',
      'There are no named pipes on a Linux host; mount a folder, or publish a port.',
    );
  if (type === 'tmpfs') throw new WindowboxError('invalid-argument', dockerText('mountTypeUnknown', type));
  if (type === 'image' || type === 'cluster') throw unsupported(`type "${type}"`, 'Use a bind mount or a volume.');
  if (type !== 'bind' && type !== 'volume')
    throw new WindowboxError('invalid-argument', dockerText('mountTypeUnknown', type));
  if (target === '') throw new WindowboxError('invalid-argument', dockerText('mountTargetEmpty', type));
  if (type === 'bind' && source === '')
    throw new WindowboxError('invalid-argument', dockerText('mountSourceEmpty', type));
  if (!/^[a-zA-Z]:([\\/]|$)/u.test(target))
    throw new WindowboxError('invalid-argument', dockerText('mountTargetRelative', type, target));
  if (type === 'bind' && !source.startsWith('/'))
    throw new WindowboxError('invalid-argument', dockerText('mountTargetRelative', type, source), bindHint);
  if (mount.propagation !== '')
    throw new WindowboxError('invalid-argument', dockerText('mountPropagation', type, mount.propagation));
  if (mount.subpath !== '')
    throw unsupported('a part of a volume', 'Mount the whole volume, or make a volume of its own for that part.');
  return { ...mount, target: normaliseTarget(target) };
}

/** `c:/Data/` → `C:\Data`; `d:` → `D:\`. */
export function normaliseTarget(target: string): string {
  const parts = target
    .slice(2)
    .split(/[\\/]+/u)
    .filter((part) => part !== '' && part !== '.');
  const drive = target.slice(0, 1).toUpperCase();
  if (parts.includes('..') || parts.some((part) => /[<>"|?*\0]/u.test(part)))
    throw new WindowboxError('invalid-argument', dockerText('invalidVolumeSpecification', target));
  if (drive === 'C' && parts.length === 0)
    throw new WindowboxError('invalid-argument', dockerText('destinationIsC', target));
  const path = `${drive}:\\${parts.join('\\')}`;
  if (systemFolders.has(path.toLowerCase()))
    throw new WindowboxError('invalid-argument', `Cannot mount on "${path}": Windows itself is there`, {
      hint: 'Choose a folder of your own, for example C:\\data.',
    });
  return path;
}

/** Without what the image has in these no program starts. */
const systemFolders: ReadonlySet<string> = new Set([
  String.raw`c:\windows`,
  String.raw`c:\windows\system32`,
  String.raw`c:\windows\syswow64`,
]);

const bindHint = {
  hint: 'Write SOURCE:TARGET[:ro]: the source is an absolute path of this Linux host or a volume name, the target a Windows path, for example /srv/data:C:\\data:ro.',
};

function parseMode(mode: string): boolean {
  const modes = mode === '' ? [] : mode.toLowerCase().split(',');
  if (modes.some((word) => word !== 'ro' && word !== 'rw'))
    throw new WindowboxError('invalid-argument', dockerText('invalidMode', mode));
  return modes.includes('ro');
}

function unsupported(what: string, hint: string): WindowboxError {
  return new WindowboxError('unsupported', `Cannot mount ${what}: not supported here`, { hint });
}
