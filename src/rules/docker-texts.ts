import { formatBuildVersion, formatPlatform, type OsVersion } from '../oci/index.js';
import { engine } from './engine-version.js';

/**
 * Docker's own words about Windows versions and isolation, by engine version. Clients match on them, so they are exact.
 * Source: moby daemon/daemon_windows.go, distribution/pull_v2_windows.go and the vendored hcsshim at each version.
 */

export interface RefusedContainer {
  readonly engine: number;
  readonly containerId: string;
}

/** A start in process isolation on another build, or in Hyper-V isolation of a newer image: HCS error 0xC0370101. */
export function mismatchAtStart({ engine: version, containerId }: RefusedContainer): string {
  if (version < engine(18, 9))
    return (
      `container ${containerId} encountered an error during CreateContainer: failure in a Windows system call: ` +
      'The operating system of the container does not match the operating system of the host. (0xc0370101)'
    );
  if (version < engine(19, 3)) return `CreateComputeSystem ${containerId}: ${mismatch}`;
  if (version < engine(23, 0)) return `hcsshim::CreateComputeSystem ${containerId}: ${mismatch}`;
  return `hcs::CreateComputeSystem ${containerId}: ${mismatch}`;
}

/** A pull of an image that is newer than the host. Undefined before 18.04, which did not check (PR 36327). */
export function newerImageAtPull(version: number, image: OsVersion, host: OsVersion): string | undefined {
  if (version < engine(18, 4)) return undefined;
  return `a Windows version ${formatBuildVersion(image)}-based image is incompatible with a ${formatBuildVersion(host)} host`;
}

/** A pull of a manifest list without an entry for this host. */
export function noMatchingManifest(version: number, host: OsVersion): string {
  const osVersion = formatBuildVersion(host);
  if (version < engine(17, 4)) return 'no supported platform found in manifest list';
  if (version < engine(18, 6)) return `no matching manifest for windows/amd64 ${inList}`;
  if (version < engine(18, 9, 6)) return `no matching manifest for unknown ${inList}`;
  if (version < engine(28, 0)) return `no matching manifest for windows/amd64 ${osVersion} ${inList}`;
  return `no matching manifest for ${formatPlatform({ os: 'windows', architecture: 'amd64', osVersion })} ${inList}`;
}

/**
 * Process isolation on a Windows 10 or 11 host: the refusal, or undefined where the engine allows it. Applies to `create`,
 * to `update` and, for `exec-opts`, to the daemon's start (there alone in 1.12).
 */
export function processRefusedOnClient(version: number, build: number): string | undefined {
  if (version < engine(1, 12) || version >= engine(23, 0)) return undefined;
  if (version < engine(18, 9, 1)) return 'Windows client operating systems only support Hyper-V containers';
  return build >= 17763
    ? undefined
    : 'Windows client operating systems earlier than version 1809 can only run Hyper-V containers';
}

/** Why a daemon of this version does not start on this build, or undefined. */
export function daemonRefusesBuild(version: number, build: number): string | undefined {
  if (version >= engine(23, 0))
    return build >= 17763
      ? undefined
      : 'this version of Windows does not support the docker daemon (Windows build 17763 or higher is required)';
  if (version < engine(1, 13) || build >= 14393) return undefined;
  return 'The docker daemon requires build 14393 or later of Windows Server 2016 or Windows 10';
}

export function invalidIsolation(value: string): string {
  return `invalid isolation (${value}): Windows supports 'default', 'process', or 'hyperv'`;
}

export function invalidExecOptIsolation(version: number, value: string): string {
  return `${version < engine(24, 0) ? 'Invalid' : 'invalid'} exec-opt value for 'isolation':'${value}'`;
}

export function unknownExecOpt(option: string): string {
  return `Unrecognised exec-opt '${option}'\n`;
}

const mismatch = 'The container operating system does not match the host operating system.';
const inList = 'in the manifest list entries';
