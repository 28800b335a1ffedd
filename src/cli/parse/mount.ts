import { parseBytes } from './bytes.js';
import { splitCsv } from './csv.js';
import type { Parsed } from './parsed.js';

/** An entry of the API's `HostConfig.Mounts`. */
export interface MountRequest {
  readonly Type: string;
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly BindOptions?: { readonly Propagation: string };
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Record<string, string>;
    readonly Subpath?: string;
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Record<string, string> };
  };
  readonly TmpfsOptions?: { readonly SizeBytes?: number };
}

/** Reads `--mount type=bind,src=/srv,dst=C:\data,readonly`, errors in the words of Docker's own parser. */
export function parseMount(text: string): Parsed<MountRequest> {
  const draft: Draft = { Type: 'volume', volume: {}, labels: {}, options: {} };
  for (const field of splitCsv(text)) {
    const [rawKey = '', ...after] = field.split('=');
    const problem = readField(draft, rawKey.toLowerCase(), after.length === 0 ? undefined : after.join('='), field);
    if (problem !== undefined) return { problem };
  }
  if (draft.Target === undefined) return { problem: 'target is required' };
  return { value: finish(draft, draft.Target) };
}

interface Draft {
  Type: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  propagation?: string;
  volume: { NoCopy?: boolean; Subpath?: string; driver?: string };
  labels: Record<string, string>;
  options: Record<string, string>;
  size?: number;
}

function readField(draft: Draft, key: string, value: string | undefined, field: string): string | undefined {
  if (value === undefined) {
    if (key === 'readonly' || key === 'ro') draft.ReadOnly = true;
    else if (key === 'volume-nocopy') draft.volume.NoCopy = true;
    else return `invalid field '${field}' must be a key=value pair`;
    return undefined;
  }
  switch (key) {
    case 'type':
      draft.Type = value.toLowerCase();
      return undefined;
    case 'source':
    case 'src':
      draft.Source = value;
      return undefined;
    case 'target':
    case 'dst':
    case 'destination':
      draft.Target = value;
      return undefined;
    case 'readonly':
    case 'ro':
      return readSwitch(key, value, (on) => (draft.ReadOnly = on));
    case 'volume-nocopy':
      return readSwitch(key, value, (on) => (draft.volume.NoCopy = on));
    case 'volume-driver':
      draft.volume.driver = value;
      return undefined;
    case 'volume-label':
      keepPair(draft.labels, value);
      return undefined;
    case 'volume-opt':
      keepPair(draft.options, value);
      return undefined;
    case 'tmpfs-size': {
      const size = parseBytes(value);
      if ('problem' in size) return `invalid value for ${key}: ${value}`;
      draft.size = size.value;
      return undefined;
    }
    case 'volume-subpath':
      draft.volume.Subpath = value;
      return undefined;
    case 'bind-propagation':
      draft.propagation = value.toLowerCase();
      return undefined;
    case 'consistency':
      // Docker accepts it for every engine; it means nothing to a Windows one.
      return undefined;
    default:
      return `unexpected key '${key}' in '${field}'`;
  }
}

function readSwitch(key: string, value: string, set: (on: boolean) => void): string | undefined {
  if (/^(?:1|t|true)$/iu.test(value)) set(true);
  else if (/^(?:0|f|false)$/iu.test(value)) set(false);
  else return `invalid value for ${key}: ${value}`;
  return undefined;
}

function keepPair(into: Record<string, string>, pair: string): void {
  const [name = '', ...value] = pair.split('=');
  into[name] = value.join('=');
}

function finish(draft: Draft, target: string): MountRequest {
  const { labels, options, volume, size } = draft;
  const driver = volume.driver !== undefined || Object.keys(options).length > 0;
  const volumeOptions = {
    ...(volume.NoCopy === undefined ? {} : { NoCopy: volume.NoCopy }),
    ...(Object.keys(labels).length === 0 ? {} : { Labels: labels }),
    ...(volume.Subpath === undefined ? {} : { Subpath: volume.Subpath }),
    ...(driver
      ? { DriverConfig: { ...(volume.driver === undefined ? {} : { Name: volume.driver }), Options: options } }
      : {}),
  };
  return {
    Type: draft.Type,
    ...(draft.Source === undefined ? {} : { Source: draft.Source }),
    Target: target,
    ...(draft.ReadOnly === undefined ? {} : { ReadOnly: draft.ReadOnly }),
    ...(draft.propagation === undefined ? {} : { BindOptions: { Propagation: draft.propagation } }),
    ...(Object.keys(volumeOptions).length === 0 ? {} : { VolumeOptions: volumeOptions }),
    ...(size === undefined ? {} : { TmpfsOptions: { SizeBytes: size } }),
  };
}
