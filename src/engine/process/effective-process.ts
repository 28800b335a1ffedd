import { WindowboxError } from '../../errors/index.js';
import type { EngineImage } from '../dependencies.js';
import { dockerText } from '../docker-texts.js';
import type { ContainerSettings, EffectiveProcess, Healthcheck } from '../types.js';
import { mergeEnvironment } from './environment.js';

/** What a container's settings say of its process. */
export type OwnProcess = Pick<
  ContainerSettings,
  'entrypoint' | 'command' | 'argsEscaped' | 'env' | 'user' | 'workingDir' | 'healthcheck' | 'labels' | 'exposedPorts'
>;

/**
 * A container's settings with the image's filled in, by moby's rules (runconfig merge): an own entrypoint drops the image's
 * command; environment, labels and ports add up; a health check takes each part that it leaves empty from the image.
 *
 * @throws WindowboxError `invalid-argument` when there is no command at all.
 */
export function effectiveProcess(
  settings: OwnProcess,
  image: Pick<EngineImage, 'config'>,
): EffectiveProcess & { argsEscaped: boolean } {
  const { config } = image;
  const ownEntrypoint = settings.entrypoint !== undefined;
  const entrypoint = withoutReset(settings.entrypoint ?? config.entrypoint);
  const takesImageCommand = settings.command === undefined || settings.command.length === 0;
  const usesImageLine = takesImageCommand && (settings.entrypoint ?? []).length === 0;
  const command = usesImageLine ? config.command : settings.command;
  const [path, ...args] = [...(entrypoint ?? []), ...(command ?? [])];
  if (path === undefined || path === '') throw new WindowboxError('invalid-argument', dockerText('noCommand'));
  return {
    path,
    args,
    env: mergeEnvironment(config.env, settings.env),
    user: settings.user === '' ? config.user : settings.user,
    workingDir: settings.workingDir === '' ? config.workingDir : settings.workingDir,
    healthcheck: mergeHealthcheck(settings.healthcheck, config.healthcheck),
    labels: { ...config.labels, ...settings.labels },
    exposedPorts: [...new Set([...config.exposedPorts, ...settings.exposedPorts])],
    command,
    entrypoint,
    argsEscaped:
      settings.argsEscaped ||
      (config.argsEscaped && (usesImageLine || (!ownEntrypoint && entrypoint !== undefined && entrypoint.length > 0))),
  };
}

/** `--entrypoint ""` arrives as one empty word, and stands for none at all. */
function withoutReset(entrypoint: readonly string[] | undefined): readonly string[] | undefined {
  return entrypoint?.length === 1 && entrypoint[0] === '' ? undefined : entrypoint;
}

function mergeHealthcheck(own: Healthcheck | undefined, images: Healthcheck | undefined): Healthcheck | undefined {
  if (own === undefined || images === undefined) return own ?? images;
  return {
    test: own.test.length === 0 ? images.test : own.test,
    interval: own.interval || images.interval,
    timeout: own.timeout || images.timeout,
    startPeriod: own.startPeriod || images.startPeriod,
    startInterval: own.startInterval || images.startInterval,
    retries: own.retries || images.retries,
  };
}
