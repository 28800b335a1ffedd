import { WindowboxError } from '../../../errors/index.js';
import { configSchema, dockerTexts, parseBody } from '../../../docker-api/index.js';
import { type ApiRequest, queryFlag, queryInteger, queryText } from '../../http/api-request.js';
import { progressReply } from '../../http/progress.js';
import { readJsonValue } from '../../http/read-body.js';
import { json, type Reply } from '../../http/reply.js';
import { plainTar } from '../containers/archive-handlers.js';
import type { BuildFiles, ImageBackend } from './backend.js';
import type { PendingSecrets } from './build-secrets.js';
import { splitListing } from './split-listing.js';
import { authsOf } from './registry-auth.js';
import { withVersion } from './transfer-handlers.js';

export async function buildImage(request: ApiRequest, images: ImageBackend, pending: PendingSecrets): Promise<Reply> {
  const remote = queryText(request, 'remote') ?? '';
  return build(request, images, {
    pending,
    context: remote === '' ? { type: 'tar', bytes: plainTar(request.body) } : { type: 'remote', address: remote },
  });
}

/** `POST /build/incremental`: what lies in the folder comes first, and of the files those that the build asks for, while it runs. */
export async function buildIncrementally(
  request: ApiRequest,
  images: ImageBackend,
  pending: PendingSecrets,
): Promise<Reply> {
  const listing = { key: queryText(request, 'key') ?? '', ...splitListing(request.body) };
  return build(request, images, { pending, context: { type: 'listing', listing } });
}

async function build(
  request: ApiRequest,
  images: ImageBackend,
  { pending, context }: { readonly pending: PendingSecrets; readonly context: BuildFiles },
): Promise<Reply> {
  if (queryText(request, 'version') === '2')
    throw new WindowboxError(
      'unsupported',
      'Cannot build with BuildKit: a Windows engine has the classic builder only',
      {
        hint: 'Set DOCKER_BUILDKIT=0.',
      },
    );
  checkLimits(request);
  return progressReply(
    images.build({
      context,
      dockerfile: queryText(request, 'dockerfile') ?? 'Dockerfile',
      tags: request.query.getAll('t').filter((tag) => tag !== ''),
      quiet: queryFlag(request, 'q'),
      noCache: queryFlag(request, 'nocache'),
      pull: queryFlag(request, 'pull'),
      buildArguments: jsonMap(request, 'buildargs'),
      labels: onlyTexts(jsonMap(request, 'labels')),
      cacheFrom: jsonList(request, 'cachefrom'),
      target: queryText(request, 'target') ?? '',
      platform: queryText(request, 'platform') ?? '',
      isolation: queryText(request, 'isolation') ?? '',
      networkMode: queryText(request, 'networkmode') ?? '',
      extraHosts: (queryText(request, 'extrahosts') ?? '').split(',').filter((host) => host !== ''),
      memory: queryInteger(request, 'memory') ?? 0,
      cpuShares: queryInteger(request, 'cpushares') ?? 0,
      steps: queryFlag(request, 'steps'),
      secrets: pending.take(queryText(request, 'secrets')),
      auths: authsOf(request),
      signal: request.signal,
    }),
  );
}

/** What the containers of `RUN` cannot have, in moby's words, and before anything is built. */
function checkLimits(request: ApiRequest): void {
  if (queryFlag(request, 'squash')) throw refused(dockerTexts.squash);
  const shares = queryInteger(request, 'cpushares') ?? 0;
  if (shares < 0 || shares > 10_000) throw refused(dockerTexts.cpuSharesRange);
  for (const [name, option] of linuxLimits) {
    const value = queryText(request, name) ?? '';
    if (value !== '' && value !== '0' && value !== 'null' && value !== '[]')
      throw refused(dockerTexts.unsupportedOnWindows(option));
  }
}

const linuxLimits = [
  ['cgroupparent', 'CgroupParent'],
  ['cpuperiod', 'CPUPeriod'],
  ['cpusetcpus', 'CpusetCpus'],
  ['cpusetmems', 'CpusetMems'],
  ['memswap', 'MemorySwap'],
  ['ulimits', 'Ulimits'],
] as const;

function refused(message: string): WindowboxError {
  return new WindowboxError('invalid-argument', message);
}

export async function commitContainer(request: ApiRequest, images: ImageBackend): Promise<Reply> {
  const container = queryText(request, 'container');
  if (container === undefined) throw new WindowboxError('invalid-argument', 'Cannot commit: "container" is empty');
  const repository = queryText(request, 'repo');
  const tag = queryText(request, 'tag');
  const value = await readJsonValue(request);
  const config = value === undefined || value === null ? undefined : parseBody(configSchema, value, 'commitRequest');
  const { id } = await images.commit({
    container,
    reference: repository !== undefined && tag !== undefined ? withVersion(repository, tag) : repository,
    pause: queryFlag(request, 'pause', true),
    author: queryText(request, 'author') ?? '',
    comment: queryText(request, 'comment') ?? '',
    changes: request.query.getAll('changes'),
    config,
  });
  return json({ Id: id }, 201);
}

function jsonMap(request: ApiRequest, name: string): Readonly<Record<string, string | undefined>> {
  const value = jsonParameter(request, name);
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw unreadable(name);
  // `null` is a build argument without a value: the client's environment had none.
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => [key, text === null ? undefined : String(text)]),
  );
}

function jsonList(request: ApiRequest, name: string): readonly string[] {
  const value = jsonParameter(request, name);
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unreadable(name);
  return value.map(String);
}

function jsonParameter(request: ApiRequest, name: string): unknown {
  const text = queryText(request, name);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(name);
  }
}

function onlyTexts(map: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? '']));
}

function unreadable(name: string): WindowboxError {
  return new WindowboxError('invalid-argument', `error reading ${name}: it is no JSON of the right shape`);
}
