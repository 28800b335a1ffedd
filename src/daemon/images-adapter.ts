import type { EngineImage, EngineImages, Healthcheck } from '../engine/index.js';
import type { Image, ImageStore } from '../images/index.js';
import type { ImageHealthcheck } from '../oci/index.js';

/** The image store as the engine asks for it. */
export function makeEngineImages(store: ImageStore, warn: (message: string) => void): EngineImages {
  return {
    resolve: async (reference, platform) =>
      engineImageOf(await store.resolve(reference, platform === undefined ? {} : { platform }), reference),
    layersOf: async (imageId) => store.layersOf(imageId),
    hold: (imageId, holder) => store.hold(imageId, holder),
    holders: () => store.holders(),
    release: (_imageId, holder) => {
      store.release(holder).catch((error: unknown) => warn(`Cannot release an image: ${String(error)}`));
    },
  };
}

export function engineImageOf(image: Image, reference: string): EngineImage {
  const config = image.config.config ?? {};
  return {
    id: image.id,
    name: image.names.includes(reference) ? reference : (image.names[0] ?? image.id),
    osVersion: image.config['os.version'] ?? '',
    config: {
      user: config.User ?? '',
      env: config.Env ?? [],
      command: config.Cmd ?? undefined,
      entrypoint: config.Entrypoint ?? undefined,
      argsEscaped: config.ArgsEscaped ?? false,
      workingDir: config.WorkingDir ?? '',
      labels: config.Labels ?? {},
      volumes: Object.keys(config.Volumes ?? {}),
      exposedPorts: Object.keys(config.ExposedPorts ?? {}),
      healthcheck: healthcheckOf(config.Healthcheck ?? undefined),
      stopSignal: config.StopSignal ?? '',
      shell: config.Shell ?? undefined,
    },
  };
}

function healthcheckOf(check: ImageHealthcheck | undefined): Healthcheck | undefined {
  if (check === undefined) return undefined;
  return {
    test: check.Test ?? [],
    interval: check.Interval ?? 0,
    timeout: check.Timeout ?? 0,
    startPeriod: check.StartPeriod ?? 0,
    startInterval: check.StartInterval ?? 0,
    retries: check.Retries ?? 0,
  };
}
