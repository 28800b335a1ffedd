import { type ContainerInspect, goTime, hasFeature } from '../../../docker-api/index.js';
import type { ContainerView, Healthcheck } from '../../../engine/index.js';
import { networkSettingsShape } from './container-networks.js';
import { stateShape } from './container-state.js';
import { mountPoints } from './container-summary.js';
import { hostConfigShape } from './host-config-shape.js';

/** `GET /containers/{id}/json`. */
export function containerInspect(view: ContainerView, version: string): ContainerInspect {
  const size = view.size ? { SizeRw: view.size.writable, SizeRootFs: view.size.root } : {};
  return {
    Id: view.id,
    Created: goTime(view.createdAt),
    Path: view.effective.path,
    Args: view.effective.args,
    State: stateShape(view),
    Image: view.imageId,
    ResolvConfPath: '',
    HostnamePath: '',
    HostsPath: '',
    LogPath: view.logPath,
    Name: `/${view.name}`,
    RestartCount: view.restartCount,
    Driver: 'windowsfilter',
    Platform: 'windows',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: view.execIds.length > 0 ? view.execIds : null,
    HostConfig: hostConfigShape(view, version),
    GraphDriver: { Name: 'windowsfilter', Data: {} },
    ...size,
    Mounts: mountPoints(view),
    Config: configShape(view, version),
    NetworkSettings: networkSettingsShape(view, version),
  };
}

function configShape(view: ContainerView, version: string): Readonly<Record<string, unknown>> {
  const { settings, effective } = view;
  return {
    Hostname: settings.hostname || view.id.slice(0, 12),
    Domainname: settings.domainname,
    User: effective.user,
    AttachStdin: settings.attachStdin,
    AttachStdout: settings.attachStdout,
    AttachStderr: settings.attachStderr,
    ...filled('ExposedPorts', asSet(effective.exposedPorts)),
    Tty: settings.terminal,
    OpenStdin: settings.openStdin,
    StdinOnce: settings.stdinOnce,
    Env: effective.env,
    Cmd: effective.command ?? null,
    ...(effective.healthcheck ? { Healthcheck: healthcheckShape(effective.healthcheck) } : {}),
    ...(settings.argsEscaped ? { ArgsEscaped: true } : {}),
    Image: settings.image,
    Volumes: settings.volumes.length > 0 ? asSet(settings.volumes) : null,
    WorkingDir: effective.workingDir,
    Entrypoint: effective.entrypoint ?? null,
    ...(settings.echo['NetworkDisabled'] === true ? { NetworkDisabled: true } : {}),
    ...(hasFeature(version, 'leanImageInspect') ? {} : { OnBuild: null }),
    Labels: effective.labels,
    ...(settings.stopSignal ? { StopSignal: settings.stopSignal } : {}),
    ...(settings.stopTimeout === undefined ? {} : { StopTimeout: settings.stopTimeout }),
    ...(settings.shell ? { Shell: settings.shell } : {}),
  };
}

function healthcheckShape(check: Healthcheck): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries({
      Test: check.test,
      Interval: check.interval,
      Timeout: check.timeout,
      StartPeriod: check.startPeriod,
      StartInterval: check.startInterval,
      Retries: check.retries,
    }).filter(([, value]) => value !== 0),
  );
}

function asSet(keys: readonly string[]): Readonly<Record<string, Record<string, never>>> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

function filled(name: string, value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.keys(value).length > 0 ? { [name]: value } : {};
}
