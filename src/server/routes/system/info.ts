import { goTime, hasFeature, newestApiVersion, oldestApiVersion } from '../../../docker-api/index.js';
import type { ContainerView } from '../../../engine/index.js';
import type { SystemFacts } from './backend.js';

/** `GET /version`. */
export function versionShape(facts: SystemFacts) {
  const details = {
    ApiVersion: newestApiVersion,
    Arch: 'amd64',
    BuildTime: facts.builtAt,
    Experimental: 'false',
    GitCommit: facts.commit,
    GoVersion: '',
    KernelVersion: facts.host.KernelVersion,
    MinAPIVersion: oldestApiVersion,
    Os: 'windows',
  };
  return {
    Platform: { Name: 'Windowbox' },
    Components: [{ Name: 'Engine', Version: facts.version, Details: details }],
    Version: facts.version,
    ApiVersion: newestApiVersion,
    MinAPIVersion: oldestApiVersion,
    GitCommit: facts.commit,
    GoVersion: '',
    Os: 'windows',
    Arch: 'amd64',
    KernelVersion: facts.host.KernelVersion,
    ...(facts.builtAt === '' ? {} : { BuildTime: facts.builtAt }),
  };
}

export interface InfoParts {
  readonly facts: SystemFacts;
  readonly containers: readonly ContainerView[];
  readonly images: number;
  readonly version: string;
}

/** `GET /info`, as a Windows engine of the host profile answers it. */
export function infoShape({ facts, containers, images, version }: InfoParts): Readonly<Record<string, unknown>> {
  const count = (wanted: readonly string[]): number =>
    containers.filter(({ state }) => wanted.includes(state.status)).length;
  const running = count(['running', 'restarting']);
  const paused = count(['paused']);
  return {
    ID: facts.id,
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: containers.length - running - paused,
    Images: images,
    Driver: 'windowsfilter',
    DriverStatus: [['Windows', '']],
    Plugins: plugins,
    ...linuxLimits,
    Debug: facts.debug,
    NFd: -1,
    NGoroutines: 0,
    SystemTime: goTime(Date.now()),
    LoggingDriver: 'json-file',
    CgroupDriver: '',
    NEventsListener: 0,
    KernelVersion: facts.host.KernelVersion,
    OperatingSystem: facts.host.OperatingSystem,
    OSVersion: facts.host.OSVersion,
    OSType: facts.host.OSType,
    Architecture: 'x86_64',
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: registryConfig(facts),
    NCPU: facts.processors,
    MemTotal: facts.memory,
    GenericResources: null,
    DockerRootDir: facts.rootFolder,
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: facts.hostName,
    Labels: facts.labels,
    ExperimentalBuild: false,
    ServerVersion: facts.version,
    Runtimes: {},
    DefaultRuntime: '',
    Swarm: outsideOfSwarm,
    LiveRestoreEnabled: true,
    Isolation: facts.host.Isolation,
    InitBinary: '',
    ContainerdCommit: commit(version),
    RuncCommit: commit(version),
    InitCommit: commit(version),
    SecurityOptions: [],
    ...(hasFeature(version, 'withoutBridgeNf') ? {} : { BridgeNfIptables: false, BridgeNfIp6tables: false }),
    CDISpecDirs: [],
    Warnings: facts.warnings.length > 0 ? facts.warnings : null,
  };
}

/** What a Windows engine's drivers are called; ours stand behind those names. */
const plugins = {
  Volume: ['local'],
  Network: ['nat', 'null'],
  Authorization: null,
  Log: ['json-file', 'local', 'none'],
};

/** Always false on Windows: each is a limit of Linux' cgroups. */
const linuxLimits = {
  MemoryLimit: false,
  SwapLimit: false,
  CpuCfsPeriod: false,
  CpuCfsQuota: false,
  CPUShares: false,
  CPUSet: false,
  PidsLimit: false,
  IPv4Forwarding: true,
};

const outsideOfSwarm = {
  NodeID: '',
  NodeAddr: '',
  LocalNodeState: 'inactive',
  ControlAvailable: false,
  Error: '',
  RemoteManagers: null,
};

function commit(version: string): Readonly<Record<string, string>> {
  return hasFeature(version, 'withoutExpectedCommits') ? { ID: '' } : { ID: '', Expected: '' };
}

function registryConfig(facts: SystemFacts) {
  const hub = { Name: 'docker.io', Mirrors: facts.registryMirrors, Secure: true, Official: true };
  const insecure = facts.insecureRegistries.map((name) => [
    name,
    { Name: name, Mirrors: [], Secure: false, Official: false },
  ]);
  return {
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
    IndexConfigs: { 'docker.io': hub, ...Object.fromEntries(insecure) },
    Mirrors: facts.registryMirrors.length > 0 ? facts.registryMirrors : null,
  };
}
