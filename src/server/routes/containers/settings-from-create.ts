import { WindowboxError } from '../../../errors/index.js';
import {
  type CreateContainerBody,
  dockerTexts,
  type EndpointSettingsBody,
  hasFeature,
  type HealthcheckBody,
  type HostConfigBody,
  type MountBody,
} from '../../../docker-api/index.js';
import type {
  ContainerResources,
  ContainerSettings,
  EndpointSettings,
  Healthcheck,
  MountRequest,
  RestartPolicy,
  TerminalSize,
} from '../../../engine/index.js';

/**
 * The body of `create` in the engine's words, with what its API version does not know yet left out.
 *
 * @throws WindowboxError `invalid-argument` for what only newer versions refuse.
 */
export function settingsFromCreate(body: CreateContainerBody, version: string): ContainerSettings {
  const host = body.HostConfig;
  return {
    ...processSettings(body, version),
    ...networkSettings(body, version),
    isolation: host.Isolation.toLowerCase(),
    resources: resourcesOf(host),
    binds: host.Binds ?? [],
    mounts: host.Mounts.map((mount) => mountRequest(mount, version)),
    volumeDriver: host.VolumeDriver,
    volumesFrom: host.VolumesFrom ?? [],
    restartPolicy: restartPolicyOf(host.RestartPolicy),
    autoRemove: host.AutoRemove && hasFeature(version, 'autoRemove'),
    logging: { driver: host.LogConfig.Type, options: host.LogConfig.Config },
    annotations: hasFeature(version, 'annotations') ? host.Annotations : {},
    storageOptions: host.StorageOpt,
    consoleSize: sizeOf(host.ConsoleSize),
    echo: {
      HostConfig: host,
      MacAddress: body.MacAddress,
      NetworkDisabled: body.NetworkDisabled,
      OnBuild: body.OnBuild,
    },
  };
}

/** `[height, width]`, as Docker has it; nothing for the zeros of a client without a terminal. */
export function sizeOf(size: readonly number[] | undefined): TerminalSize | undefined {
  const [rows = 0, columns = 0] = size ?? [];
  return rows > 0 && columns > 0 ? { rows, columns } : undefined;
}

export function restartPolicyOf(policy: HostConfigBody['RestartPolicy']): RestartPolicy {
  const names = ['no', 'always', 'unless-stopped', 'on-failure'] as const;
  const name = names.find((known) => known === policy.Name) ?? 'no';
  return { name, maximumRetryCount: policy.MaximumRetryCount };
}

export function endpointOf(endpoint: EndpointSettingsBody): EndpointSettings {
  return {
    aliases: endpoint.Aliases,
    ipv4Address: endpoint.IPAMConfig?.IPv4Address ?? '',
    ipv6Address: endpoint.IPAMConfig?.IPv6Address ?? '',
    macAddress: endpoint.MacAddress,
  };
}

function processSettings(body: CreateContainerBody, version: string) {
  return {
    image: body.Image,
    hostname: body.Hostname,
    domainname: body.Domainname,
    user: body.User,
    attachStdin: body.AttachStdin,
    attachStdout: body.AttachStdout,
    attachStderr: body.AttachStderr,
    terminal: body.Tty,
    openStdin: body.OpenStdin,
    stdinOnce: body.StdinOnce,
    env: body.Env,
    command: body.Cmd,
    entrypoint: body.Entrypoint,
    argsEscaped: body.ArgsEscaped,
    workingDir: body.WorkingDir,
    labels: body.Labels,
    volumes: Object.keys(body.Volumes),
    exposedPorts: Object.keys(body.ExposedPorts),
    healthcheck: body.Healthcheck && healthcheckOf(body.Healthcheck, version),
    stopSignal: body.StopSignal,
    stopTimeout: body.StopTimeout,
    shell: body.Shell,
  };
}

function networkSettings(body: CreateContainerBody, version: string) {
  const host = body.HostConfig;
  const endpoints = Object.entries(body.NetworkingConfig.EndpointsConfig);
  if (endpoints.length > 1 && !hasFeature(version, 'severalNetworks'))
    throw new WindowboxError(
      'invalid-argument',
      `Container cannot be created with multiple network endpoints: ${endpoints.map(([name]) => name).join(', ')}`,
    );
  return {
    networkMode: body.NetworkDisabled ? 'none' : host.NetworkMode || 'default',
    endpoints: Object.fromEntries(endpoints.map(([name, endpoint]) => [name, endpointOf(endpoint)])),
    portBindings: Object.fromEntries(
      Object.entries(host.PortBindings).map(([port, bindings]) => [
        port,
        bindings.map(({ HostIp, HostPort }) => ({ hostIp: HostIp, hostPort: HostPort })),
      ]),
    ),
    publishAllPorts: host.PublishAllPorts,
    dns: host.Dns,
    dnsSearch: host.DnsSearch,
    dnsOptions: host.DnsOptions,
    extraHosts: host.ExtraHosts,
  };
}

function resourcesOf(host: HostConfigBody): ContainerResources {
  return {
    memory: host.Memory ?? 0,
    nanoCpus: host.NanoCpus ?? 0,
    cpuShares: host.CpuShares ?? 0,
    cpuCount: host.CpuCount ?? 0,
    cpuPercent: host.CpuPercent ?? 0,
    pidsLimit: 0,
  };
}

function healthcheckOf(check: HealthcheckBody, version: string): Healthcheck {
  return {
    test: check.Test,
    interval: check.Interval,
    timeout: check.Timeout,
    startPeriod: check.StartPeriod,
    startInterval: hasFeature(version, 'startInterval') ? check.StartInterval : 0,
    retries: check.Retries,
  };
}

function mountRequest(mount: MountBody, version: string): MountRequest {
  const type = mountTypes.find((known) => known === mount.Type);
  if (type === undefined)
    throw new WindowboxError(
      'invalid-argument',
      `invalid mount config for type ${JSON.stringify(mount.Type)}: mount type unknown`,
    );
  if (hasFeature(version, 'strictMountOptions')) checkMountOptions(mount);
  return {
    type,
    source: mount.Source,
    target: mount.Target,
    readOnly: mount.ReadOnly,
    noCopy: mount.VolumeOptions?.NoCopy ?? false,
    subpath: mount.VolumeOptions?.Subpath ?? '',
    createSource: mount.BindOptions?.CreateMountpoint ?? false,
    propagation: mount.BindOptions?.Propagation ?? '',
    labels: mount.VolumeOptions?.Labels ?? {},
    driver: mount.VolumeOptions?.DriverConfig?.Name ?? '',
    driverOptions: mount.VolumeOptions?.DriverConfig?.Options ?? {},
  };
}

const mountTypes = ['bind', 'volume', 'npipe', 'tmpfs', 'image', 'cluster'] as const;

function checkMountOptions(mount: MountBody): void {
  const wrong =
    (mount.VolumeOptions && mount.Type !== 'volume' && 'VolumeOptions') ||
    (mount.BindOptions && mount.Type !== 'bind' && 'BindOptions') ||
    (mount.TmpfsOptions && mount.Type !== 'tmpfs' && 'TmpfsOptions');
  if (wrong) throw new WindowboxError('invalid-argument', dockerTexts.optionsOfOtherMount(wrong, mount.Type));
}
