import { WindowboxError } from '../errors/index.js';

/** What an image is made for. `osVersion` is text as the image states it: not every producer writes four numbers. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
}

/**
 * Reads both spellings in use: `windows(10.0.20348)/amd64`, with features `windows(10.0.20348+win32k)/amd64` (containerd, Buildx), and
 * `windows/amd64:10.0.20348` (crane). The architecture may be absent (`windows`: amd64) and by another name (`x86_64`).
 *
 * @throws WindowboxError `invalid-argument`.
 */
export function parsePlatform(text: string): Platform {
  const [before, craneVersion, ...more] = text.split(':');
  const [first, architecture, variant, ...rest] = (before ?? '').split('/');
  const os = /^(?<os>[A-Za-z0-9_-]+)(?:\((?<version>[^()+]*)(?:\+(?<features>[^()]+))?\))?$/u.exec(first ?? '')?.groups;
  const words = [architecture, variant].filter((word) => word !== undefined);
  const wellFormed = more.length === 0 && rest.length === 0 && words.every((word) => /^[A-Za-z0-9_.-]+$/u.test(word));
  const osVersion = (os?.['version'] ?? '') === '' ? craneVersion : os?.['version'];
  if (os?.['os'] === undefined || !wellFormed || craneVersion === '' || !isVersion(osVersion))
    throw new WindowboxError(
      'invalid-argument',
      `Cannot read platform "${text}": not OS[(VERSION)]/ARCHITECTURE[/VARIANT]`,
      {
        hint: 'Examples: windows/amd64, windows(10.0.20348)/amd64, windows/amd64:10.0.20348.',
      },
    );
  const features = os['features']?.split('+');
  return {
    os: normalizeOs(os['os']),
    ...normalizeArchitecture(architecture ?? 'amd64', variant),
    ...(osVersion === undefined ? {} : { osVersion }),
    ...(features === undefined ? {} : { osFeatures: features }),
  };
}

/** containerd's and Docker's spelling: `windows(10.0.20348)/amd64`. */
export function formatPlatform(platform: Platform): string {
  const features = (platform.osFeatures ?? []).map((feature) => `+${feature}`).join('');
  const inner = `${platform.osVersion ?? ''}${features}`;
  const variant = platform.variant === undefined ? '' : `/${platform.variant}`;
  return `${platform.os}${inner === '' ? '' : `(${inner})`}/${platform.architecture}${variant}`;
}

function normalizeOs(os: string): string {
  const lower = os.toLowerCase();
  return lower === 'macos' ? 'darwin' : lower;
}

function normalizeArchitecture(name: string, variant: string | undefined): { architecture: string; variant?: string } {
  const lower = name.toLowerCase();
  const architecture = otherNames[lower] ?? lower;
  const rest = variant?.toLowerCase();
  return rest === undefined || (architecture === 'arm64' && rest === 'v8')
    ? { architecture }
    : { architecture, variant: rest };
}

function isVersion(text: string | undefined): boolean {
  return text === undefined || /^[0-9]+(?:\.[0-9]+)*$/u.test(text);
}

const otherNames: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
  armhf: 'arm',
};
