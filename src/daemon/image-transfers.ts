import { applyChanges } from '../builder/index.js';
import { isErrorCode, WindowboxError } from '../errors/index.js';
import type { Base, Credentials, ImageStore, Report, TransferProgress } from '../images/index.js';
import { familiarName, parseOsVersion, parsePlatform, parseReference } from '../oci/index.js';
import { allBases, findBase } from '../rules/index.js';
import type { Backends } from '../server/index.js';
import { toImageBase } from './base-source.js';
import { progressQueue } from './progress-queue.js';

type ImageBackend = Backends['images'];
type Transfers = Pick<ImageBackend, 'pull' | 'push' | 'load' | 'save' | 'importTar' | 'distribution'>;
type Auth = Parameters<ImageBackend['pull']>[0]['auth'];

/** What moves images to and from the store, as the API asks for it. */
export function makeImageTransfers(store: ImageStore): Transfers {
  return {
    pull: ({ reference, allTags, platform, auth, signal }) =>
      progressQueue(async (report) => {
        const options = {
          ...withAuth(auth),
          signal,
          report: toDocker(report),
          ...(platform === undefined ? {} : { platform }),
        };
        const pulled = allTags ? store.pullAllTags(reference, options) : store.pull(reference, options);
        await pulled.catch(rethrowRefusal);
      }),
    push: ({ reference, allTags, auth, signal }) =>
      progressQueue(async (report) => {
        const names = allTags ? await namesIn(store, reference) : [reference];
        for (const name of names) await store.push(name, { ...withAuth(auth), signal, report: toDocker(report) });
      }),
    distribution: async ({ name, auth, sizes, signal }) =>
      store.inspectRemote(name, { ...withAuth(auth), sizes, signal }),
    load: (tar) =>
      progressQueue(async (report) => {
        for (const { id, names } of await store.load(tar)) {
          const lines =
            names.length === 0 ? [`Loaded image ID: ${id}\n`] : names.map((name) => `Loaded image: ${name}\n`);
          for (const stream of lines) report({ stream });
        }
      }),
    save: async (names) => store.save(names),
    importTar: (tar, { reference, message, changes, platform }) =>
      progressQueue(async (report) => {
        const id = await store.importTar({
          tar,
          base: baseOfImport(platform),
          configure: async (config) => applyChanges(config, changes),
          ...(message === '' ? {} : { message }),
          ...(reference === undefined ? {} : { name: reference }),
        });
        report({ status: id });
      }),
  };
}

type Send = Parameters<Parameters<typeof progressQueue>[0]>[0];

function toDocker(send: Send): Report {
  return ({ status, aux, ...rest }: TransferProgress) => {
    send(aux === undefined ? { status, ...rest } : { progressDetail: {}, aux });
  };
}

/** Without a login in the request the user's own Docker configuration counts. */
function withAuth(auth: Auth): { credentials?: Credentials } {
  if (auth === undefined) return {};
  const { username, password, identityToken, registryToken } = auth;
  if ([username, identityToken, registryToken].every((text) => text === '')) return {};
  return { credentials: { username, password, identityToken, registryToken } };
}

/** Below an archive that is imported: Server Core of the build that was asked for, else the newest. */
function baseOfImport(platform: string | undefined): Base {
  const wanted = platform === undefined || platform === '' ? undefined : parsePlatform(platform);
  if (wanted !== undefined && (wanted.os !== 'windows' || wanted.architecture !== 'amd64'))
    throw new WindowboxError(
      'invalid-argument',
      `Cannot import for "${platform ?? ''}": this engine has windows/amd64`,
    );
  const version = wanted?.osVersion === undefined ? undefined : parseOsVersion(wanted.osVersion);
  const base =
    wanted?.osVersion === undefined
      ? allBases().find(({ product }) => product === 'servercore')
      : findBase('servercore', version?.build ?? 0);
  if (base !== undefined) return toImageBase(base);
  throw new WindowboxError(
    'not-found',
    `Cannot import for "${platform ?? ''}": there is no Server Core of that version`,
    {
      hint: '"windowbox bases" lists those that there are.',
    },
  );
}

/** Docker's daemon answers a refused pull with 404. At a 401 its client asks for a login and waits, terminal or not. */
function rethrowRefusal(error: unknown): never {
  if (!isErrorCode(error, 'unauthenticated') && !isErrorCode(error, 'permission-denied')) throw error;
  throw new WindowboxError('not-found', error.message, { cause: error, ...(error.hint ? { hint: error.hint } : {}) });
}

async function namesIn(store: ImageStore, repository: string): Promise<readonly string[]> {
  const wanted = familiarName(parseReference(repository));
  const names = (await store.list())
    .flatMap((image) => image.names)
    .filter((name) => name.replace(/:[^:/]+$/u, '') === wanted);
  if (names.length > 0) return [...new Set(names)];
  throw new WindowboxError('not-found', `An image does not exist locally with the tag: ${wanted}`);
}
