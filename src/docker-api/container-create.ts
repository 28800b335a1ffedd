import * as v from 'valibot';
import {
  anything,
  commandLine,
  dictionary,
  flag,
  keySet,
  maybeFlag,
  maybeTexts,
  maybeWhole,
  pointer,
  struct,
  text,
  textMap,
  texts,
  whole,
} from './go-fields.js';

/** `POST /containers/create`. https://docs.docker.com/reference/api/engine/ */
const healthcheck = struct({
  Test: texts,
  Interval: whole,
  Timeout: whole,
  StartPeriod: whole,
  StartInterval: whole,
  Retries: whole,
});

const configEntries = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: keySet,
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: commandLine,
  Healthcheck: pointer(healthcheck),
  ArgsEscaped: flag,
  Image: text,
  Volumes: keySet,
  WorkingDir: text,
  Entrypoint: commandLine,
  NetworkDisabled: flag,
  MacAddress: text,
  OnBuild: maybeTexts,
  Labels: textMap,
  StopSignal: text,
  StopTimeout: maybeWhole,
  Shell: commandLine,
};

/** A container's or image's `Config`; also the body of `POST /commit`. */
export const configSchema = struct(configEntries);

const portBinding = struct({ HostIp: text, HostPort: text });

const mount = struct({
  Type: text,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: pointer(
    struct({
      Propagation: text,
      NonRecursive: flag,
      CreateMountpoint: flag,
      ReadOnlyNonRecursive: flag,
      ReadOnlyForceRecursive: flag,
    }),
  ),
  VolumeOptions: pointer(
    struct({
      NoCopy: flag,
      Labels: textMap,
      Subpath: text,
      DriverConfig: pointer(struct({ Name: text, Options: textMap })),
    }),
  ),
  TmpfsOptions: pointer(struct({ SizeBytes: whole, Mode: whole })),
  ImageOptions: pointer(struct({ Subpath: text })),
});

const list = pointer(v.array(v.unknown(), '[]struct'));

/** What a container may use: part of `HostConfig`, and the body of `POST /containers/{id}/update`. */
export const resourceEntries = {
  CpuShares: maybeWhole,
  Memory: maybeWhole,
  NanoCpus: maybeWhole,
  CpuCount: maybeWhole,
  CpuPercent: maybeWhole,
  IOMaximumIOps: maybeWhole,
  IOMaximumBandwidth: maybeWhole,
  PidsLimit: maybeWhole,
  CgroupParent: text,
  BlkioWeight: whole,
  BlkioWeightDevice: list,
  BlkioDeviceReadBps: list,
  BlkioDeviceWriteBps: list,
  BlkioDeviceReadIOps: list,
  BlkioDeviceWriteIOps: list,
  CpuPeriod: whole,
  CpuQuota: whole,
  CpuRealtimePeriod: whole,
  CpuRealtimeRuntime: whole,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: list,
  DeviceCgroupRules: maybeTexts,
  DeviceRequests: list,
  KernelMemory: whole,
  KernelMemoryTCP: whole,
  MemoryReservation: whole,
  MemorySwap: whole,
  MemorySwappiness: maybeWhole,
  OomKillDisable: maybeFlag,
  Ulimits: list,
};

export const restartPolicySchema = struct({ Name: text, MaximumRetryCount: whole });

const hostConfigEntries = {
  ...resourceEntries,
  Binds: maybeTexts,
  ContainerIDFile: text,
  LogConfig: v.nullish(struct({ Type: text, Config: textMap }), { Type: '', Config: {} }),
  NetworkMode: text,
  PortBindings: v.nullish(
    dictionary(v.nullish(v.array(portBinding, '[]PortBinding'), []), 'map[string][]PortBinding'),
    {},
  ),
  RestartPolicy: v.nullish(restartPolicySchema, { Name: '', MaximumRetryCount: 0 }),
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: maybeTexts,
  ConsoleSize: pointer(v.array(v.pipe(v.number('uint'), v.safeInteger('uint')), '[2]uint')),
  Annotations: textMap,
  CapAdd: commandLine,
  CapDrop: commandLine,
  CgroupnsMode: text,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: maybeTexts,
  IpcMode: text,
  Cgroup: text,
  Links: maybeTexts,
  OomScoreAdj: whole,
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: maybeTexts,
  StorageOpt: textMap,
  Tmpfs: textMap,
  UTSMode: text,
  UsernsMode: text,
  ShmSize: whole,
  Sysctls: textMap,
  Runtime: text,
  Isolation: text,
  Mounts: v.nullish(v.array(mount, '[]Mount'), []),
  MaskedPaths: maybeTexts,
  ReadonlyPaths: maybeTexts,
  Init: maybeFlag,
};

export const hostConfigSchema = struct(hostConfigEntries);

/** One network of a container, in `create` and in `connect`. */
export const endpointSettingsSchema = struct({
  IPAMConfig: pointer(struct({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: maybeTexts })),
  Links: maybeTexts,
  Aliases: texts,
  MacAddress: text,
  DriverOpts: textMap,
  GwPriority: whole,
  NetworkID: anything,
});

export const createContainerSchema = struct({
  ...configEntries,
  HostConfig: v.nullish(hostConfigSchema, {}),
  NetworkingConfig: v.nullish(
    struct({
      EndpointsConfig: v.nullish(dictionary(v.nullish(endpointSettingsSchema, {}), 'map[string]*EndpointSettings'), {}),
    }),
    {},
  ),
});

export const updateContainerSchema = struct({
  ...resourceEntries,
  RestartPolicy: pointer(restartPolicySchema),
});

export type CreateContainerBody = v.InferOutput<typeof createContainerSchema>;
export type ConfigBody = v.InferOutput<typeof configSchema>;
export type HostConfigBody = v.InferOutput<typeof hostConfigSchema>;
export type UpdateContainerBody = v.InferOutput<typeof updateContainerSchema>;
export type EndpointSettingsBody = v.InferOutput<typeof endpointSettingsSchema>;
export type MountBody = HostConfigBody['Mounts'][number];
export type HealthcheckBody = NonNullable<ConfigBody['Healthcheck']>;
