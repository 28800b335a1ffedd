import { chown, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, WindowboxError } from '../../errors/index.js';
import type { ContainerStore } from '../container-store.js';
import { containerOwner, type Paths } from '../../platform/index.js';
import { dockerText } from '../docker-texts.js';
import { generateId } from '../generate-id.js';
import type { VolumeView } from '../types.js';

/** Named and anonymous volumes: a folder each under `<home>/volumes/NAME/_data`, as Docker's `local` driver has it. */
export interface VolumeStore {
  all(): readonly VolumeView[];
  get(name: string): VolumeView | undefined;
  /** The volume of this name, made when there is none. `fresh` tells which. */
  ensure(request: VolumeRequest): Promise<{ readonly volume: VolumeView; readonly fresh: boolean }>;
  remove(name: string): Promise<void>;
}

export interface VolumeRequest {
  /** undefined: an anonymous volume. */
  readonly name: string | undefined;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export function createVolumeStore(paths: Paths, store: ContainerStore): VolumeStore {
  const volumes = new Map(store.loadVolumes().map((volume) => [volume.name, volume]));
  return {
    all: () => [...volumes.values()],
    get: (name) => volumes.get(name),
    ensure: async (request) => {
      const name = request.name ?? generateId();
      const known = volumes.get(name);
      if (known !== undefined) return { volume: known, fresh: false };
      checkRequest({ ...request, name });
      const mountpoint = join(paths.volumes, name, '_data');
      await mkdir(mountpoint, { recursive: true, mode: 0o755 });
      await chown(mountpoint, containerOwner.uid, containerOwner.gid);
      const volume: VolumeView = {
        name,
        driver: 'local',
        mountpoint,
        createdAt: Date.now(),
        labels: request.labels,
        options: request.options,
        anonymous: request.name === undefined,
      };
      store.saveVolume(volume);
      volumes.set(name, volume);
      return { volume, fresh: true };
    },
    remove: async (name) => {
      const folder = join(paths.volumes, name);
      // Moved first, so that a volume of the same name made right after is another folder, and a crash leaves no half of one.
      const doomed = join(paths.volumes, `.removed-${generateId().slice(0, 12)}`);
      volumes.delete(name);
      store.deleteVolume(name);
      try {
        await rename(folder, doomed);
      } catch (error) {
        if (isErrno(error, 'ENOENT')) return;
        throw error;
      }
      await rm(doomed, { recursive: true, force: true });
    },
  };
}

function checkRequest(request: VolumeRequest & { readonly name: string }): void {
  if (request.name.length < 2) throw new WindowboxError('invalid-argument', dockerText('volumeNameShort'));
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/u.test(request.name))
    throw new WindowboxError('invalid-argument', dockerText('volumeNameInvalid', request.name));
  if (request.driver !== '' && request.driver !== 'local')
    throw new WindowboxError(
      'not-found',
      `error looking up volume plugin ${request.driver}: plugin "${request.driver}" not found`,
    );
  const option = Object.keys(request.options)[0];
  if (option !== undefined)
    throw new WindowboxError('invalid-argument', 'options are not supported on this platform', {
      hint: `The local driver on Windows takes no options; "${option}" was given.`,
    });
}
