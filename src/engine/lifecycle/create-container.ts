import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { createMutex } from '../../platform/index.js';
import type { Container, ContainerRecord } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import type { EngineImage } from '../dependencies.js';
import { dockerText } from '../docker-texts.js';
import { generateId } from '../generate-id.js';
import { generateName } from '../generate-name.js';
import { parseLogLimits } from '../logs/log-files.js';
import { effectiveProcess } from '../process/effective-process.js';
import { createStreamHub } from '../process/stream-hub.js';
import type { ContainerSettings, CreateOptions, CreateResult } from '../types.js';
import { resolveMounts } from '../volumes/resolve-mounts.js';
import { checkNetworkCount, configuredEndpoints } from './change-networks.js';
import { checkSettings } from './check-settings.js';

/** Everything is checked before anything is made; after an error nothing is left but anonymous volumes' names that were never used. */
export async function createContainer(
  context: EngineContext,
  settings: ContainerSettings,
  options: CreateOptions = {},
): Promise<CreateResult> {
  const warnings = checkSettings(settings);
  const image = await context.images.resolve(settings.image, options.platform);
  const effective = effectiveProcess(settings, image);
  const isolation = context.rules.isolationAtCreate(rulesRequest(settings, image));
  if (context.runtime(isolation) === undefined) throw modeMissing(isolation);
  context.network.check(settings);
  checkNetworkCount(context, isolation, settings);
  parseLogLimits(settings.logging.options);
  const id = generateId();
  const name = reserveName(context, options.name);
  try {
    const mounts = await resolveMounts(context, settings, image);
    const lower = await context.images.layersOf(image.id);
    const folder = join(context.paths.containers, id);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const container = newContainer(
      {
        id,
        name,
        createdAt: Date.now(),
        settings: {
          ...settings,
          hostname: settings.hostname === '' ? id.slice(0, 12) : settings.hostname,
          endpoints: configuredEndpoints(settings),
        },
        effective,
        imageId: image.id,
        imageName: image.name,
        isolation,
        osVersion: image.osVersion,
        layer: { lower, folder },
        pristine: true,
        mounts,
        state: { status: 'created' },
        restartCount: 0,
        stoppedByUser: false,
        networks: {},
        ports: {},
      },
      options.unsavedEnv,
    );
    await commit(context, container, folder);
    return { id, warnings };
  } finally {
    reservedNames.delete(name);
  }
}

export function newContainer(record: ContainerRecord, unsavedEnv: readonly string[] = []): Container {
  return {
    record,
    unsavedEnv,
    mutex: createMutex(),
    hub: createStreamHub(),
    live: undefined,
    waiters: new Set(),
    restartTimer: undefined,
    removing: false,
  };
}

/** What the rules need to know of a container, at create and at every start. */
export function rulesRequest(
  settings: ContainerSettings,
  image: Pick<EngineImage, 'osVersion'>,
): { image: string; osVersion: string; requested: string; annotations: Readonly<Record<string, string>> } {
  return {
    image: settings.image,
    osVersion: image.osVersion,
    requested: settings.isolation,
    annotations: settings.annotations,
  };
}

async function commit(context: EngineContext, container: Container, folder: string): Promise<void> {
  const { record } = container;
  context.images.hold(record.imageId, record.id);
  try {
    context.store.save(record);
  } catch (error) {
    context.images.release(record.imageId, record.id);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  context.registry.add(container);
  publishContainerEvent(context, container, { action: 'create' });
  context.runtime(record.isolation)?.expect({ lower: record.layer.lower });
}

/** Names of creates that are under way: two at once must not get the same. */
const reservedNames = new Set<string>();

function reserveName(context: EngineContext, wanted: string | undefined): string {
  const isTaken = (name: string): boolean => reservedNames.has(name) || context.registry.byName(name) !== undefined;
  const name = wanted === undefined || wanted === '' ? generateName(isTaken) : checkName(context, wanted);
  reservedNames.add(name);
  return name;
}

/** @throws WindowboxError `invalid-argument` for a name that Docker does not allow, `conflict` for one that is taken. */
export function checkName(context: EngineContext, wanted: string): string {
  const name = wanted.replace(/^\//u, '');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/u.test(name))
    throw new WindowboxError('invalid-argument', dockerText('invalidName', wanted));
  const other = context.registry.byName(name);
  if (other !== undefined || reservedNames.has(name))
    throw new WindowboxError('conflict', dockerText('nameInUse', name, other?.record.id ?? 'that is being created'));
  return name;
}

function modeMissing(isolation: string): WindowboxError {
  return new WindowboxError(
    'unsupported',
    `Cannot create a container with isolation "${isolation}": this daemon does not have that mode`,
    {
      hint: 'Run "windowbox doctor" to see what it needs.',
    },
  );
}
