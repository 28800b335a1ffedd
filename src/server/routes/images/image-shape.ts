import {
  type DeletedImage,
  goTime,
  hasFeature,
  type HistoryShape,
  type ImageInspect,
  type ImageSummary,
  zeroTime,
} from '../../../docker-api/index.js';
import type { HistoryItem, Image, RemovedImage } from '../../../images/index.js';

/** One line of `GET /images/json`. `containers`: how many use it. */
export function imageSummary(
  image: Image,
  { version, containers }: { readonly version: string; readonly containers: number },
): ImageSummary {
  return {
    Id: image.id,
    ParentId: image.parent ?? '',
    RepoTags: image.names,
    RepoDigests: image.digests,
    Created: Math.floor(createdAt(image) / 1000),
    Size: image.size,
    SharedSize: -1,
    ...(hasFeature(version, 'withoutVirtualSize') ? {} : { VirtualSize: image.size }),
    Labels: image.config.config?.Labels ?? null,
    Containers: hasFeature(version, 'imageContainerCount') ? containers : -1,
  };
}

/** `GET /images/{name}/json`. */
export function imageInspect(image: Image, version: string): ImageInspect | Partial<ImageInspect> {
  const { config } = image;
  const shape: ImageInspect = {
    Id: image.id,
    RepoTags: image.names,
    RepoDigests: image.digests,
    Parent: image.parent ?? '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: config.created ?? zeroTime,
    DockerVersion: '',
    Author: config.author ?? '',
    Config: imageConfig(image, version),
    Architecture: config.architecture,
    Os: config.os,
    OsVersion: config['os.version'] ?? '',
    Size: image.size,
    ...(hasFeature(version, 'withoutVirtualSize') ? {} : { VirtualSize: image.size }),
    GraphDriver: { Name: 'windowsfilter', Data: {} },
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: image.taggedAt === 0 ? zeroTime : goTime(image.taggedAt) },
  };
  if (!hasFeature(version, 'leanImageInspect')) return shape;
  return Object.fromEntries(
    Object.entries(shape).filter(
      ([name, value]) => !(['Parent', 'Comment', 'DockerVersion', 'Author'].includes(name) && value === ''),
    ),
  );
}

export function historyShape(item: HistoryItem): HistoryShape {
  return {
    Id: item.id,
    Created: Math.floor((Date.parse(item.createdAt) || 0) / 1000),
    CreatedBy: item.createdBy,
    Tags: item.names.length > 0 ? item.names : null,
    Size: item.size,
    Comment: item.comment,
  };
}

export function removedShape(removed: RemovedImage): DeletedImage {
  return 'untagged' in removed ? { Untagged: removed.untagged } : { Deleted: removed.deleted };
}

function imageConfig(image: Image, version: string): Readonly<Record<string, unknown>> {
  const config = image.config.config ?? {};
  if (hasFeature(version, 'leanImageInspect')) return { ...config };
  const common = {
    User: '',
    Env: null,
    Cmd: null,
    Volumes: null,
    WorkingDir: '',
    Entrypoint: null,
    OnBuild: null,
    Labels: null,
  };
  if (hasFeature(version, 'leanImageConfig')) return { ...common, ...config };
  const ofContainers = {
    Hostname: '',
    Domainname: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Image: '',
  };
  return { ...ofContainers, ...common, ...config };
}

function createdAt(image: Image): number {
  return Date.parse(image.config.created ?? '') || 0;
}
