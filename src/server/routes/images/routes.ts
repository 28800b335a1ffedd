import { WindowboxError } from '../../../errors/index.js';
import { isAtLeast, parseFilters } from '../../../docker-api/index.js';
import { type ApiRequest, pathParameter, queryFlag, queryText } from '../../http/api-request.js';
import { empty, json, type Reply } from '../../http/reply.js';
import { done, refused, type Route } from '../../http/route.js';
import type { ImageBackend } from './backend.js';
import { buildImage, buildIncrementally, commitContainer } from './build-handlers.js';
import { makePendingSecrets } from './build-secrets.js';
import { pruneBuildCache } from './cache-handlers.js';
import { historyShape, imageInspect, imageSummary, removedShape } from './image-shape.js';
import {
  createImage,
  inspectDistribution,
  loadImages,
  pushImage,
  saveImages,
  withVersion,
} from './transfer-handlers.js';

export function imageRoutes(images: ImageBackend): readonly Route[] {
  const on =
    (handler: (request: ApiRequest, images: ImageBackend) => Promise<Reply>): Route['handle'] =>
    (request) =>
      handler(request, images);
  const stream = { body: 'stream' } as const;
  const secrets = makePendingSecrets();
  return [
    done('GET /images/json', 'List images', on(listImages)),
    done('POST /images/create', 'Pull or import an image', on(createImage), stream),
    done('POST /images/load', 'Import images of `docker save`', on(loadImages), stream),
    done('POST /images/prune', 'Delete unused images', on(pruneImages)),
    refused(
      'GET /images/search',
      'Search for images',
      "Docker Hub's search cannot tell Windows images; look there with a browser",
    ),
    done('GET /images/get', 'Export several images', (request) => saveImages(request.query.getAll('names'), images)),
    done('GET /images/{name:.*}/get', 'Export an image', (r) => saveImages([pathParameter(r, 'name')], images)),
    done('GET /images/{name:.*}/json', 'Inspect an image', on(inspectImage)),
    done('GET /images/{name:.*}/history', 'Get the history of an image', on(showHistory)),
    refused(
      'GET /images/{name:.*}/attestations',
      'List attestations of an image',
      'The image store keeps no attestations',
    ),
    done('POST /images/{name:.*}/push', 'Push an image', on(pushImage)),
    done('POST /images/{name:.*}/tag', 'Give an image another name', on(tagImage)),
    done('POST /images/{name:.*}/rebase', 'Move an image to another base (not in Docker)', on(rebaseImage)),
    done('DELETE /images/{name:.*}', 'Remove an image', on(removeImage)),
    done('GET /distribution/{name:.*}/json', 'Ask a registry about an image', on(inspectDistribution)),
    done('POST /commit', 'Create an image from a container', on(commitContainer)),
    done('POST /build', 'Build an image with the classic builder', (r) => buildImage(r, images, secrets), stream),
    done(
      'POST /build/incremental',
      'Build from a list of files, and take those that the build asks for (not in Docker)',
      (r) => buildIncrementally(r, images, secrets),
      stream,
    ),
    done('POST /build/secrets', 'Hand over secrets for one build (not in Docker)', (r) => secrets.add(r)),
    done('POST /build/prune', 'Delete cache mounts of builds', on(pruneBuildCache)),
    refused(
      'POST /build/cancel',
      'Cancel a build',
      'Ids of builds belong to BuildKit; close the connection of the build',
    ),
  ];
}

async function listImages(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const filters = parseFilters(queryText(request, 'filters'));
  const old = isAtLeast(request.version, '1.25') ? undefined : queryText(request, 'filter');
  const found = await images.list({
    all: queryFlag(request, 'all'),
    filters: old === undefined ? filters : { ...filters, reference: [old] },
  });
  return json(
    found.map((image) => imageSummary(image, { version: request.version, containers: images.users(image.id) })),
  );
}

async function inspectImage(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  return json(imageInspect(await images.inspect(pathParameter(request, 'name')), request.version));
}

async function showHistory(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  return json((await images.history(pathParameter(request, 'name'))).map(historyShape));
}

async function tagImage(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const repository = queryText(request, 'repo');
  if (repository === undefined) throw new WindowboxError('invalid-argument', 'invalid reference format');
  const tag = queryText(request, 'tag');
  await images.tag(pathParameter(request, 'name'), tag === undefined ? repository : withVersion(repository, tag));
  return empty(201);
}

async function rebaseImage(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const onto = queryText(request, 'onto');
  if (onto === undefined) throw new WindowboxError('invalid-argument', 'Cannot rebase: "onto" is empty');
  const name = queryText(request, 't');
  const from = queryText(request, 'from');
  const { id, warnings } = await images.rebase(pathParameter(request, 'name'), {
    onto,
    ...(from === undefined ? {} : { from }),
    ...(name === undefined ? {} : { name }),
  });
  return json({ Id: id, Warnings: warnings }, 201);
}

async function removeImage(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const removed = await images.remove(pathParameter(request, 'name'), {
    force: queryFlag(request, 'force'),
    prune: !queryFlag(request, 'noprune'),
  });
  return json(removed.map(removedShape));
}

async function pruneImages(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const filters = parseFilters(queryText(request, 'filters'));
  const { removed, reclaimed } = await images.prune(filters);
  return json({ ImagesDeleted: removed.length > 0 ? removed.map(removedShape) : null, SpaceReclaimed: reclaimed });
}
