import { WindowboxError } from '../errors/index.js';
import { parseOsVersion } from '../oci/index.js';
import { hostProfile, profileOf, profileOfBuild, type ProfileOptions } from './host-profile.js';
import { hostReleases } from './data/host-releases.js';
import { targetOfOsVersion } from './image-target.js';
import { asArray, asRecord, textAt } from './json-shapes.js';
import type { HostKind, HostProfile, ImageTarget } from './model.js';
import { resolveBase } from './resolve-base.js';

/** Images of one document. `index`: a manifest list, of which a host takes one. */
export interface ImageDocument {
  readonly label: string;
  readonly images: readonly ImageTarget[];
  readonly index: boolean;
}

/**
 * Reads `docker image inspect`, an image config, a manifest, an index, or `docker manifest inspect --verbose`.
 *
 * @throws WindowboxError `invalid-argument` when it is none of these, or when no image in it is for Windows.
 */
export function readImageDocument(value: unknown, label: string): readonly ImageDocument[] {
  const documents = asArray(value) ?? [value];
  const verbose = documents.map((entry) => asRecord(asRecord(entry)?.['Descriptor'])?.['platform']);
  if (verbose.length > 0 && verbose.every((platform) => platform !== undefined))
    return [indexOf(verbose, textAt(asRecord(documents[0]), 'Ref')?.replace(/@.*$/u, '') ?? label)];
  return documents.map((document) => readOne(document, label));
}

function readOne(document: unknown, label: string): ImageDocument {
  const record = asRecord(document);
  if (record === undefined) throw unreadable(label, 'not an image description');
  const manifests = asArray(record['manifests']);
  if (manifests !== undefined)
    return indexOf(
      manifests.map((entry) => asRecord(entry)?.['platform']),
      label,
    );
  const os = textAt(record, 'Os') ?? textAt(record, 'os');
  const name = textAt(asRecord({ first: asArray(record['RepoTags'])?.[0] }), 'first') ?? label;
  if (os === undefined && record['config'] === undefined)
    throw unreadable(label, 'neither "os" nor "manifests" is in it');
  if (os !== undefined && os.toLowerCase() !== 'windows') throw unreadable(name, `it is for ${os}, not for Windows`);
  const version = textAt(record, 'OsVersion') ?? textAt(record, 'os.version');
  return { label: name, images: [withBase(targetOfOsVersion(name, version))], index: false };
}

function indexOf(platforms: readonly unknown[], label: string): ImageDocument {
  const windows = platforms.map(asRecord).filter((platform) => textAt(platform, 'os') === 'windows');
  const images = windows.map((platform) => targetOfOsVersion(label, textAt(platform, 'os.version')));
  if (images.length === 0) throw unreadable(label, 'no image in the list is for Windows');
  return { label, images, index: true };
}

/** Which entry of a list Docker takes on this host: not newer than the host, those of the host's build first, else the first listed. */
export function chooseFromIndex(host: HostProfile, images: readonly ImageTarget[]): ImageTarget | undefined {
  if (host.liftsBuildRules) return images[0];
  const passing = images.filter(({ osVersion }) => osVersion === undefined || osVersion.build <= host.build);
  return passing.find(({ osVersion }) => osVersion?.build === host.build) ?? passing[0];
}

/**
 * Reads hosts from `docker info --format json`, `kubectl get nodes -o json`, or a list of names, one a line.
 *
 * @throws WindowboxError `invalid-argument` when there is no Windows host in it.
 */
export function readHostDocument(text: string, options: ProfileOptions = {}): readonly HostProfile[] {
  const hosts =
    text.trimStart().startsWith('{') || text.trimStart().startsWith('[')
      ? fromJson(text, options)
      : fromLines(text, options);
  if (hosts.length === 0) throw unreadable('hosts', 'no Windows host is in it');
  return hosts;
}

function fromLines(text: string, options: ProfileOptions): readonly HostProfile[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*$/u, '').trim());
  return lines.filter((line) => line !== '').map((line) => hostProfile(line, options));
}

function fromJson(text: string, options: ProfileOptions): readonly HostProfile[] {
  const documents = parseJsonDocuments(text, 'hosts').flatMap((value) => asArray(value) ?? [value]);
  return documents.flatMap((document) => {
    const record = asRecord(document);
    const nodes = asArray(record?.['items']) ?? (record?.['kind'] === 'Node' ? [record] : undefined);
    if (nodes !== undefined) return nodes.map((node) => fromNode(node, options)).filter((host) => host !== undefined);
    return textAt(record, 'OSType') === 'windows' ? [fromDockerInfo(record, options)] : [];
  });
}

/** One JSON document, or one a line as `docker info --format json` prints for several hosts. */
export function parseJsonDocuments(text: string, label: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    try {
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line): unknown => JSON.parse(line));
    } catch (cause) {
      throw unreadable(label, 'it is not JSON', cause);
    }
  }
}

function fromDockerInfo(info: Readonly<Record<string, unknown>> | undefined, options: ProfileOptions): HostProfile {
  const system = textAt(info, 'OperatingSystem') ?? '';
  const found = /OS Build (?<build>[0-9]{5})(?:\.(?<revision>[0-9]+))?/u.exec(system)?.groups;
  const build = parseOsVersion(textAt(info, 'OSVersion') ?? '')?.build ?? Number(found?.['build'] ?? Number.NaN);
  if (Number.isNaN(build)) throw unreadable(textAt(info, 'Name') ?? 'docker info', 'it tells no OSVersion');
  const engine = textAt(info, 'ServerVersion');
  return hostOf({
    name: textAt(info, 'Name') ?? 'docker',
    kind: /server/iu.test(system) ? 'server' : 'client',
    build,
    options: { ...(engine === undefined ? {} : { engine }), ...revisionOption(found?.['revision']), ...options },
  });
}

/** A node's build comes from the label that kubelet sets, its revision from the kernel version. */
function fromNode(node: unknown, options: ProfileOptions): HostProfile | undefined {
  const metadata = asRecord(asRecord(node)?.['metadata']);
  const info = asRecord(asRecord(asRecord(node)?.['status'])?.['nodeInfo']);
  const label = textAt(asRecord(metadata?.['labels']), 'node.kubernetes.io/windows-build');
  const isWindows = label !== undefined || textAt(info, 'operatingSystem') === 'windows';
  const kernel = parseOsVersion(textAt(info, 'kernelVersion') ?? '');
  const build = parseOsVersion(label ?? '')?.build ?? kernel?.build;
  if (!isWindows || build === undefined) return undefined;
  const kind = /windows 1[01]/iu.test(textAt(info, 'osImage') ?? '') ? 'client' : 'server';
  const revision = kernel?.revision === undefined ? {} : { revision: kernel.revision };
  return hostOf({ name: textAt(metadata, 'name') ?? 'node', kind, build, options: { ...revision, ...options } });
}

interface SeenHost {
  readonly name: string;
  readonly kind: HostKind;
  readonly build: number;
  readonly options: ProfileOptions;
}

function hostOf({ name, kind, build, options }: SeenHost): HostProfile {
  const release = hostReleases.find((candidate) => candidate.kind === kind && candidate.build === build);
  const profile = release === undefined ? profileOfBuild(kind, build, options) : profileOf(release, options);
  const { revision: _presented, ...rest } = profile;
  const revision = options.revision === undefined ? {} : { revision: options.revision };
  return { ...rest, ...revision, id: name, name: `${name} (${profile.name})` };
}

function revisionOption(text: string | undefined): { revision?: number } {
  return text === undefined ? {} : { revision: Number(text) };
}

function withBase(target: ImageTarget): ImageTarget {
  try {
    const base = resolveBase(target.label);
    return base === undefined ? target : { ...target, product: base.product, base };
  } catch {
    // A local name need not be one that a registry would know.
    return target;
  }
}

function unreadable(label: string, why: string, cause?: unknown): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot read "${label}": ${why}`, cause === undefined ? {} : { cause });
}
