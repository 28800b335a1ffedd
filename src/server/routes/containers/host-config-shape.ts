import { hasFeature } from '../../../docker-api/index.js';
import type { ContainerView } from '../../../engine/index.js';
import { networkModeOf } from './container-summary.js';

/**
 * `HostConfig` of `inspect`: what was asked for, over Docker's zero values, with what the engine decided (isolation) or changed
 * since (`update`).
 */
export function hostConfigShape(view: ContainerView, version: string): HostConfigShape {
  const annotated = hasFeature(version, 'annotations');
  const known = shapes
    .get(view.settings)
    ?.find((shape) => shape.isolation === view.isolation && shape.annotated === annotated);
  if (known) return known.value;
  const made = { isolation: view.isolation, annotated, value: makeShape(view, annotated) };
  shapes.set(view.settings, [...(shapes.get(view.settings) ?? []), made]);
  return made.value;
}

type HostConfigShape = Readonly<Record<string, unknown>>;

interface KnownShape {
  readonly isolation: ContainerView['isolation'];
  readonly annotated: boolean;
  readonly value: HostConfigShape;
}

/** Kept with the settings, which never change (`update` makes new ones): it is half of the work of an inspect. */
const shapes = new WeakMap<ContainerView['settings'], readonly KnownShape[]>();

function makeShape(view: ContainerView, annotated: boolean): HostConfigShape {
  const { settings } = view;
  const { resources } = settings;
  return {
    ...zeroValues,
    ...given(settings.echo['HostConfig']),
    Binds: settings.binds.length > 0 ? settings.binds : null,
    LogConfig: { Type: settings.logging.driver || 'json-file', Config: settings.logging.options },
    NetworkMode: networkModeOf(view),
    PortBindings: Object.fromEntries(
      Object.entries(settings.portBindings).map(([port, bindings]) => [
        port,
        bindings.map(({ hostIp, hostPort }) => ({ HostIp: hostIp, HostPort: hostPort })),
      ]),
    ),
    RestartPolicy: { Name: settings.restartPolicy.name, MaximumRetryCount: settings.restartPolicy.maximumRetryCount },
    AutoRemove: settings.autoRemove,
    ConsoleSize: [settings.consoleSize?.rows ?? 0, settings.consoleSize?.columns ?? 0],
    Isolation: view.isolation,
    CpuShares: resources.cpuShares,
    Memory: resources.memory,
    NanoCpus: resources.nanoCpus,
    CpuCount: resources.cpuCount,
    CpuPercent: resources.cpuPercent,
    ...(annotated && Object.keys(settings.annotations).length > 0
      ? { Annotations: settings.annotations }
      : { Annotations: undefined }),
    ...(settings.mounts.length > 0 ? {} : { Mounts: undefined }),
    ...(Object.keys(settings.storageOptions).length > 0 ? {} : { StorageOpt: undefined }),
  };
}

/** What Docker prints for a field that nobody set, in its order. */
const zeroValues: Readonly<Record<string, unknown>> = {
  Binds: null,
  ContainerIDFile: '',
  LogConfig: {},
  NetworkMode: '',
  PortBindings: {},
  RestartPolicy: {},
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: '',
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: '',
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 0,
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: null,
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
  Ulimits: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
  MaskedPaths: null,
  ReadonlyPaths: null,
};

/** Fields that Docker leaves out when they are empty. */
const leftOutWhenEmpty = new Set([
  'Annotations',
  'StorageOpt',
  'Tmpfs',
  'Sysctls',
  'Runtime',
  'Mounts',
  'Init',
  'KernelMemory',
  'KernelMemoryTCP',
]);

function given(echo: unknown): Readonly<Record<string, unknown>> {
  if (typeof echo !== 'object' || echo === null) return {};
  return Object.fromEntries(
    Object.entries(echo).filter(
      ([name, value]) => value !== undefined && value !== null && !(leftOutWhenEmpty.has(name) && isEmpty(value)),
    ),
  );
}

function isEmpty(value: unknown): boolean {
  return (
    value === '' || value === 0 || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
