import { applyChanges } from '../builder/index.js';
import type { ContainerView, Engine } from '../engine/index.js';
import type { ImageStore } from '../images/index.js';
import { familiarReference, type ImageProcessConfig, parseReference, withDefaultTag } from '../oci/index.js';
import type { Backends } from '../server/index.js';

type Commit = Backends['images']['commit'];

/** `docker commit`: what a container wrote, and how it is started, as an image. */
export function makeCommit(store: ImageStore, engine: () => Engine): Commit {
  return async (request) => {
    const { containers } = engine();
    const view = await containers.inspect(request.container);
    const layer = await containers.writableLayer(view.id);
    const pauses = request.pause && view.state.status === 'running';
    const config = await applyChanges({ ...configOf(view), ...given(request.config) }, request.changes);
    if (pauses) await containers.pause(view.id);
    try {
      const id = await store.commit({
        parent: layer.imageId,
        upper: layer.folder,
        config,
        createdBy: [view.effective.path, ...view.effective.args].join(' '),
        comment: request.comment,
        author: request.author,
        ...(request.reference === undefined ? {} : { name: request.reference }),
      });
      engine().publish({
        type: 'container',
        action: 'commit',
        actor: view.id,
        attributes: {
          ...view.effective.labels,
          image: view.settings.image,
          name: view.name,
          comment: request.comment,
          imageID: id,
          imageRef: request.reference === undefined ? '' : shownName(request.reference),
        },
      });
      return { id };
    } finally {
      if (pauses) await containers.unpause(view.id);
    }
  };
}

function shownName(reference: string): string {
  return familiarReference(withDefaultTag(parseReference(reference)));
}

function configOf({ effective, settings }: ContainerView): ImageProcessConfig {
  return {
    User: effective.user,
    Env: [...effective.env],
    Cmd: effective.command === undefined ? null : [...effective.command],
    Entrypoint: effective.entrypoint === undefined ? null : [...effective.entrypoint],
    WorkingDir: effective.workingDir,
    Labels: { ...effective.labels },
    ExposedPorts: Object.fromEntries(effective.exposedPorts.map((port) => [port, {}])),
    Volumes: Object.fromEntries(settings.volumes.map((path) => [path, {}])),
    ...(settings.argsEscaped ? { ArgsEscaped: true } : {}),
  };
}

/** What the request says itself wins; an empty field says nothing. */
function given(config: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config ?? {}).filter(([key, value]) => fields.has(key) && !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

const fields = new Set([
  'User',
  'Env',
  'Cmd',
  'Entrypoint',
  'WorkingDir',
  'Labels',
  'ExposedPorts',
  'Volumes',
  'StopSignal',
  'Shell',
]);
