import { WindowboxError } from '../../errors/index.js';
import type { FlagValues } from '../define/flag.js';
import { parseBytes } from '../parse/bytes.js';
import { pairsToObject } from '../parse/env-file.js';
import { parseMount } from '../parse/mount.js';
import { orThrow } from '../parse/or-throw.js';
import { parsePublish } from '../parse/port.js';
import { parseRestartPolicy, type RestartPolicy } from '../parse/restart-policy.js';
import { splitHost } from './check-values.js';
import type { CreateFlags } from './create-flags.js';
import { networkMode } from './networking.js';

/** The API's `HostConfig`. What was not asked for is left out, so that the daemon's defaults stand. */
export function hostConfig(flags: FlagValues<CreateFlags>, binds: readonly string[]): Record<string, unknown> {
  return withoutEmpty({
    Binds: binds,
    Mounts: flags.all('mount').map((text) => orThrow(parseMount(text))),
    VolumesFrom: flags.all('volumes-from'),
    VolumeDriver: flags.text('volume-driver'),
    PortBindings: portBindings(flags),
    PublishAllPorts: flags.isOn('publish-all'),
    NetworkMode: networkMode(flags),
    Links: flags.all('link'),
    Dns: flags.all('dns'),
    DnsOptions: flags.all('dns-option'),
    DnsSearch: flags.all('dns-search'),
    ExtraHosts: flags.all('add-host').map((text) => splitHost(text).join(':')),
    RestartPolicy: restartPolicy(flags),
    AutoRemove: flags.isOn('rm'),
    Isolation: flags.text('isolation'),
    Annotations: pairsToObject(flags.all('annotation')),
    ContainerIDFile: flags.text('cidfile'),
    LogConfig: logConfig(flags),
    StorageOpt: pairsToObject(flags.all('storage-opt')),
    Devices: flags.all('device').map(device),
    Runtime: flags.text('runtime'),
    SecurityOpt: flags.all('security-opt'),
    ...resources(flags),
    ...linuxOnly(flags),
  });
}

function resources(flags: FlagValues<CreateFlags>): Record<string, unknown> {
  return {
    Memory: flags.number('memory'),
    MemoryReservation: flags.number('memory-reservation'),
    MemorySwap: flags.number('memory-swap'),
    NanoCpus: flags.number('cpus'),
    CpuShares: flags.number('cpu-shares'),
    CpuCount: flags.number('cpu-count'),
    CpuPercent: flags.number('cpu-percent'),
    IOMaximumIOps: flags.number('io-maxiops'),
    IOMaximumBandwidth: flags.number('io-maxbandwidth'),
    PidsLimit: flags.number('pids-limit'),
  };
}

function linuxOnly(flags: FlagValues<CreateFlags>): Record<string, unknown> {
  return {
    BlkioWeight: flags.number('blkio-weight'),
    CapAdd: flags.all('cap-add'),
    CapDrop: flags.all('cap-drop'),
    CgroupParent: flags.text('cgroup-parent'),
    BlkioDeviceReadBps: flags.all('device-read-bps').map(deviceRate),
    BlkioDeviceReadIOps: flags.all('device-read-iops').map(deviceRate),
    BlkioDeviceWriteBps: flags.all('device-write-bps').map(deviceRate),
    BlkioDeviceWriteIOps: flags.all('device-write-iops').map(deviceRate),
    CpuRealtimePeriod: flags.number('cpu-rt-period'),
    CpuRealtimeRuntime: flags.number('cpu-rt-runtime'),
    CpuPeriod: flags.number('cpu-period'),
    CpuQuota: flags.number('cpu-quota'),
    CpusetCpus: flags.text('cpuset-cpus'),
    CpusetMems: flags.text('cpuset-mems'),
    GroupAdd: flags.all('group-add'),
    Init: flags.isGiven('init') ? flags.isOn('init') : undefined,
    IpcMode: flags.text('ipc'),
    MemorySwappiness: flags.number('memory-swappiness'),
    OomKillDisable: flags.isOn('oom-kill-disable'),
    OomScoreAdj: flags.number('oom-score-adj'),
    PidMode: flags.text('pid'),
    Privileged: flags.isOn('privileged'),
    ReadonlyRootfs: flags.isOn('read-only'),
    ShmSize: flags.number('shm-size'),
    Sysctls: pairsToObject(flags.all('sysctl')),
    Tmpfs: Object.fromEntries(
      flags.all('tmpfs').map((text) => [text.split(':')[0] ?? '', text.split(':').slice(1).join(':')]),
    ),
    Ulimits: flags.all('ulimit').map(ulimit),
    UsernsMode: flags.text('userns'),
    UTSMode: flags.text('uts'),
  };
}

function portBindings(flags: FlagValues<CreateFlags>): Record<string, unknown> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { port, hostIp, hostPort } of flags.all('publish').flatMap((text) => orThrow(parsePublish(text))))
    (bindings[port] ??= []).push({ HostIp: hostIp, HostPort: hostPort });
  return bindings;
}

function restartPolicy(flags: FlagValues<CreateFlags>): RestartPolicy | undefined {
  const text = flags.text('restart');
  if (text === undefined) return undefined;
  const policy = orThrow(parseRestartPolicy(text));
  if (flags.isOn('rm') && policy.Name !== '' && policy.Name !== 'no')
    throw new WindowboxError('invalid-argument', 'Conflicting options: --restart and --rm');
  return policy;
}

function logConfig(flags: FlagValues<CreateFlags>): Record<string, unknown> | undefined {
  const driver = flags.text('log-driver');
  const options = flags.all('log-opt');
  if (driver === undefined && options.length === 0) return undefined;
  if (driver === 'none' && options.length > 0)
    throw new WindowboxError('invalid-argument', 'invalid logging opts for driver none');
  return { Type: driver ?? '', Config: pairsToObject(options) };
}

function device(text: string): Record<string, string> {
  return { PathOnHost: text, PathInContainer: '', CgroupPermissions: '' };
}

function deviceRate(text: string): Record<string, unknown> {
  const at = text.lastIndexOf(':');
  const rate = parseBytes(text.slice(at + 1));
  if (at < 1 || 'problem' in rate) throw new WindowboxError('invalid-argument', `bad format: ${text}`);
  return { Path: text.slice(0, at), Rate: rate.value };
}

function ulimit(text: string): Record<string, unknown> {
  const match = /^(?<name>[a-z]+)=(?<soft>-?\d+)(?::(?<hard>-?\d+))?$/u.exec(text)?.groups;
  if (match === undefined) throw new WindowboxError('invalid-argument', `invalid ulimit argument: ${text}`);
  return { Name: match['name'], Soft: Number(match['soft']), Hard: Number(match['hard'] ?? match['soft']) };
}

function withoutEmpty(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => {
      if (value === undefined || value === false) return false;
      if (Array.isArray(value)) return value.length > 0;
      return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
    }),
  );
}
