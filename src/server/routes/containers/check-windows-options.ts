import { WindowboxError } from '../../../errors/index.js';
import {
  type CreateContainerBody,
  dockerTexts,
  type HostConfigBody,
  type UpdateContainerBody,
} from '../../../docker-api/index.js';

/**
 * Refuses what a Windows engine refuses, in moby's words (daemon_windows.go, hostconfig_windows.go). Options of Linux that a
 * Windows engine overlooks, such as `CapAdd`, `ShmSize` or `Sysctls`, are overlooked here too and shown again by `inspect`.
 *
 * @throws WindowboxError `invalid-argument`.
 */
export function checkWindowsOptions(body: CreateContainerBody, processors: number): void {
  const host = body.HostConfig;
  if (host.CpuRealtimePeriod !== 0) throw refused(dockerTexts.realTimePeriod);
  if (host.CpuRealtimeRuntime !== 0) throw refused(dockerTexts.realTimeRuntime);
  if (host.Privileged) throw refused(dockerTexts.privileged);
  if (host.ReadonlyRootfs) throw refused(dockerTexts.readOnlyRoot);
  checkRestartPolicy(host);
  checkResources(host, processors);
  checkSecurityOptions(host);
  if ((host.Devices ?? []).length > 0) throw unsupportedDevices();
}

/** @throws WindowboxError `invalid-argument` for a limit that Windows does not have or whose value is out of range. */
export function checkResources(resources: HostConfigBody | UpdateContainerBody, processors: number): void {
  const { CpuShares = 0, CpuPercent = 0, CpuCount = 0, NanoCpus = 0 } = resources;
  if (CpuShares < 0 || CpuShares > 10_000) throw refused(dockerTexts.cpuSharesRange);
  if (CpuPercent < 0 || CpuPercent > 100) throw refused(dockerTexts.cpuPercentRange);
  if (CpuCount < 0) throw refused(dockerTexts.cpuCountNegative);
  if (NanoCpus > 0 && CpuPercent > 0) throw refused(dockerTexts.cpusAndPercent);
  if (NanoCpus > 0 && CpuShares > 0) throw refused(dockerTexts.cpusAndShares);
  if (NanoCpus < 0 || NanoCpus > processors * 1e9) throw refused(dockerTexts.cpusRange(processors));
  const option = linuxOnly.find(({ isSet }) => isSet(resources))?.option;
  if (option !== undefined) throw refused(dockerTexts.unsupportedOnWindows(option));
}

/** @throws WindowboxError `invalid-argument`. */
export function checkRestartPolicy(host: Pick<HostConfigBody, 'RestartPolicy' | 'AutoRemove'>): void {
  const { Name, MaximumRetryCount } = host.RestartPolicy;
  if (!['', 'no', 'always', 'on-failure', 'unless-stopped'].includes(Name))
    throw refused(dockerTexts.unknownRestartPolicy(Name));
  if (Name === 'on-failure' && MaximumRetryCount < 0) throw refused(dockerTexts.negativeRetries);
  if (!['', 'on-failure'].includes(Name) && MaximumRetryCount !== 0)
    throw refused(dockerTexts.retriesOfOtherPolicy(MaximumRetryCount < 0));
  if (host.AutoRemove && Name !== '' && Name !== 'no') throw refused(dockerTexts.removeAndRestart);
}

/** What is taken and has no effect here: nothing is silent. */
export function warningsOf(host: HostConfigBody): readonly string[] {
  const unenforced = [
    ...(host.IOMaximumIOps ? ['IOMaximumIOps'] : []),
    ...(host.IOMaximumBandwidth ? ['IOMaximumBandwidth'] : []),
    ...(Object.keys(host.StorageOpt).length > 0 ? ['StorageOpt'] : []),
  ];
  return unenforced.map((option) => `${option} is not enforced: the disk of a container has no limit of its own here`);
}

type Limits = HostConfigBody | UpdateContainerBody;

/** In moby's order: the first that is set is the one that the message names. */
const linuxOnly: readonly { readonly option: string; readonly isSet: (limits: Limits) => boolean }[] = [
  { option: 'BlkioDeviceReadBps', isSet: (limits) => (limits.BlkioDeviceReadBps ?? []).length > 0 },
  { option: 'BlkioDeviceReadIOps', isSet: (limits) => (limits.BlkioDeviceReadIOps ?? []).length > 0 },
  { option: 'BlkioDeviceWriteBps', isSet: (limits) => (limits.BlkioDeviceWriteBps ?? []).length > 0 },
  { option: 'BlkioDeviceWriteIOps', isSet: (limits) => (limits.BlkioDeviceWriteIOps ?? []).length > 0 },
  { option: 'BlkioWeight', isSet: (limits) => limits.BlkioWeight > 0 },
  { option: 'BlkioWeightDevice', isSet: (limits) => (limits.BlkioWeightDevice ?? []).length > 0 },
  { option: 'CgroupParent', isSet: (limits) => limits.CgroupParent !== '' },
  { option: 'CPUPeriod', isSet: (limits) => limits.CpuPeriod !== 0 },
  { option: 'CpusetCpus', isSet: (limits) => limits.CpusetCpus !== '' },
  { option: 'CpusetMems', isSet: (limits) => limits.CpusetMems !== '' },
  { option: 'KernelMemory', isSet: (limits) => limits.KernelMemory !== 0 },
  { option: 'MemoryReservation', isSet: (limits) => limits.MemoryReservation !== 0 },
  { option: 'MemorySwap', isSet: (limits) => limits.MemorySwap !== 0 },
  // The official CLI sends -1 for "not given".
  { option: 'MemorySwappiness', isSet: (limits) => (limits.MemorySwappiness ?? -1) !== -1 },
  { option: 'OomKillDisable', isSet: (limits) => limits.OomKillDisable === true },
  { option: 'PidsLimit', isSet: (limits) => (limits.PidsLimit ?? 0) > 0 },
  { option: 'Ulimits', isSet: (limits) => (limits.Ulimits ?? []).length > 0 },
];

/** Group-managed service accounts need a domain controller and Windows' own credential guard. */
function checkSecurityOptions({ SecurityOpt }: HostConfigBody): void {
  for (const option of SecurityOpt ?? []) {
    const [name = ''] = option.split('=');
    if (name.toLowerCase() !== 'credentialspec') throw refused(`security option not supported: ${name}`);
    throw new WindowboxError(
      'unsupported',
      'Cannot use "credentialspec": group-managed service accounts need a Windows domain, which programs under Wine cannot join',
    );
  }
}

function unsupportedDevices(): WindowboxError {
  return new WindowboxError(
    'unsupported',
    'Cannot use "--device": there are no Windows device interface classes to hand over on this machine',
  );
}

function refused(message: string): WindowboxError {
  return new WindowboxError('invalid-argument', message);
}
