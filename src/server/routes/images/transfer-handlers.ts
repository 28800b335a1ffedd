import { WindowboxError } from '../../../errors/index.js';
import { type ApiRequest, pathParameter, queryFlag, queryText } from '../../http/api-request.js';
import { progressReply } from '../../http/progress.js';
import { json, type Reply } from '../../http/reply.js';
import type { PlatformShape, RemoteBuildShape } from '../../../docker-api/index.js';
import type { RemoteBuild } from '../../../images/index.js';
import { plainTar } from '../containers/archive-handlers.js';
import type { ImageBackend } from './backend.js';
import { authOf } from './registry-auth.js';

/** `POST /images/create`: a pull (`fromImage`) or an import (`fromSrc`). */
export async function createImage(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const image = queryText(request, 'fromImage');
  if (image === undefined) return importImage(request, images);
  const tag = queryText(request, 'tag');
  const hasVersion = tag !== undefined || /[:@][^/]*$/u.test(image);
  return progressReply(
    images.pull({
      reference: tag === undefined ? image : withVersion(image, tag),
      allTags: !hasVersion,
      platform: queryText(request, 'platform'),
      auth: authOf(request),
      signal: request.signal,
    }),
  );
}

export async function pushImage(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const name = pathParameter(request, 'name');
  const tag = queryText(request, 'tag');
  return progressReply(
    images.push({
      reference: tag === undefined ? name : withVersion(name, tag),
      allTags: tag === undefined,
      auth: authOf(request),
      signal: request.signal,
    }),
  );
}

export async function loadImages(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  return progressReply(images.load(plainTar(request.body), { quiet: queryFlag(request, 'quiet') }));
}

export async function saveImages(names: readonly string[], images: ImageBackend): Promise<Reply> {
  if (names.length === 0) throw new WindowboxError('invalid-argument', 'no images named');
  const chunks = await images.save(names);
  return { kind: 'stream', status: 200, contentType: 'application/x-tar', chunks };
}

/** Docker's shape; with `sizes=1`, which Docker has not, also each build's digest and packed bytes. */
export async function inspectDistribution(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const sizes = queryFlag(request, 'sizes');
  const { mediaType, digest, size, builds } = await images.distribution({
    name: pathParameter(request, 'name'),
    auth: authOf(request),
    sizes,
    signal: request.signal,
  });
  return json({
    Descriptor: { mediaType, digest, size },
    Platforms: builds.map(({ platform }) => platformShape(platform)),
    ...(sizes ? { Builds: builds.map(buildShape) } : {}),
  });
}

function buildShape({ platform, digest, sizes }: RemoteBuild): RemoteBuildShape {
  return {
    Platform: platformShape(platform),
    Digest: digest,
    ...(sizes === undefined ? {} : { TotalSize: sizes.total, OwnSize: sizes.own }),
  };
}

function platformShape({ architecture, os, osVersion, osFeatures, variant }: RemoteBuild['platform']): PlatformShape {
  return {
    architecture,
    os,
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
    ...(osFeatures === undefined ? {} : { 'os.features': osFeatures }),
    ...(variant === undefined ? {} : { variant }),
  };
}

/** Docker's `tag` parameter may be a digest. */
export function withVersion(name: string, tag: string): string {
  return tag.includes(':') ? `${name}@${tag}` : `${name}:${tag}`;
}

async function importImage(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const source = queryText(request, 'fromSrc');
  if (source === undefined && request.query.has('fromImage'))
    throw new WindowboxError('invalid-argument', 'invalid reference format');
  if (source === undefined)
    throw new WindowboxError('invalid-argument', 'Cannot create an image: neither "fromImage" nor "fromSrc" is given');
  if (source !== '-')
    throw new WindowboxError(
      'unsupported',
      `Cannot import "${source}": the daemon fetches no addresses; send the archive`,
    );
  const repository = queryText(request, 'repo');
  const tag = queryText(request, 'tag');
  return progressReply(
    images.importTar(plainTar(request.body), {
      reference: repository !== undefined && tag !== undefined ? withVersion(repository, tag) : repository,
      message: queryText(request, 'message') ?? '',
      changes: request.query.getAll('changes'),
      platform: queryText(request, 'platform'),
    }),
  );
}
