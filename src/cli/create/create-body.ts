import { WindowboxError } from '../../errors/index.js';
import type { FlagValues } from '../define/flag.js';
import { inheritVariables, pairsToObject, readPairsFile } from '../parse/env-file.js';
import { orThrow } from '../parse/or-throw.js';
import { parseExpose, parsePublish } from '../parse/port.js';
import { parseVolume, type VolumeRequest } from '../parse/volume.js';
import type { CreateFlags } from './create-flags.js';
import { healthcheck } from './healthcheck.js';
import { hostConfig } from './host-config.js';
import { networking } from './networking.js';

/** The body of `POST /containers/create`. */
export interface CreateBody {
  readonly [key: string]: unknown;
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly Tty: boolean;
  readonly OpenStdin: boolean;
}

export interface CreateRequest {
  readonly flags: FlagValues<CreateFlags>;
  readonly image: string;
  readonly command: readonly string[];
  readonly detach: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Turns the command line of `create` or `run` into the API's request, field for field as Docker's CLI does.
 *
 * @throws WindowboxError `invalid-argument` in Docker's words.
 */
export function createBody(request: CreateRequest): CreateBody {
  const { flags } = request;
  const volumes = flags.all('volume').map((text) => readVolume(text));
  const exposed = exposedPorts(flags);
  const health = healthcheck(flags);
  const stopTimeout = flags.number('stop-timeout');
  return {
    ...streams(request),
    ...whenGiven('Hostname', flags.text('hostname')),
    ...whenGiven('Domainname', flags.text('domainname')),
    ...whenGiven('User', flags.text('user')),
    Env: environment(request),
    Cmd: request.command.length === 0 ? null : request.command,
    Entrypoint: flags.text('entrypoint') === undefined ? null : [flags.text('entrypoint')],
    Image: request.image,
    Labels: labels(flags),
    Volumes: Object.fromEntries(
      volumes.flatMap((volume) => (volume.kind === 'anonymous' ? [[volume.target, {}]] : [])),
    ),
    ...whenGiven('WorkingDir', flags.text('workdir')),
    ...whenGiven('StopSignal', flags.text('stop-signal')),
    ...(stopTimeout === undefined ? {} : { StopTimeout: stopTimeout }),
    ...(health === undefined ? {} : { Healthcheck: health }),
    ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])),
    HostConfig: hostConfig(
      flags,
      volumes.flatMap((volume) => (volume.kind === 'bind' ? [volume.bind] : [])),
    ),
    NetworkingConfig: networking(flags),
  };
}

function streams({ flags, detach }: CreateRequest): Pick<
  CreateBody,
  'AttachStdin' | 'AttachStdout' | 'AttachStderr' | 'Tty' | 'OpenStdin'
> & {
  StdinOnce: boolean;
} {
  const named = flags.all('attach').map((name) => name.toLowerCase());
  if (detach && named.length > 0) throw conflict('Conflicting options: -a and -d');
  const interactive = flags.isOn('interactive');
  const attaches = (name: string, byDefault: boolean): boolean =>
    !detach && (named.length === 0 ? byDefault : named.includes(name));
  const stdin = attaches('stdin', interactive);
  return {
    AttachStdin: stdin,
    AttachStdout: attaches('stdout', true),
    AttachStderr: attaches('stderr', true),
    Tty: flags.isOn('tty'),
    OpenStdin: interactive,
    StdinOnce: interactive && stdin,
  };
}

function environment({ flags, env }: CreateRequest): readonly string[] {
  const fromFiles = flags.all('env-file').flatMap((path) => readPairsFile(path, env));
  return [...fromFiles, ...inheritVariables(flags.all('env'), env)];
}

function labels(flags: FlagValues<CreateFlags>): Record<string, string> {
  const fromFiles = flags.all('label-file').flatMap((path) => readPairsFile(path, undefined));
  return pairsToObject([...fromFiles, ...flags.all('label')]);
}

function readVolume(text: string): VolumeRequest {
  return orThrow(parseVolume(text), {
    hint: 'A mount is SOURCE:TARGET[:ro]: a Linux path or a volume name, then a Windows path. Example: -v /srv/data:C:\\data:ro',
  });
}

function exposedPorts(flags: FlagValues<CreateFlags>): readonly string[] {
  const published = flags.all('publish').flatMap((text) => orThrow(parsePublish(text)).map(({ port }) => port));
  return [...new Set([...flags.all('expose').flatMap((text) => orThrow(parseExpose(text))), ...published])];
}

function whenGiven(key: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: value };
}

function conflict(message: string): WindowboxError {
  return new WindowboxError('invalid-argument', message);
}
