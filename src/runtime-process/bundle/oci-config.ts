import type { SandboxNetwork } from '../../runtime/index.js';
import { seccompProfile } from './seccomp-profile.js';
import { inside } from './skeleton.js';

/** Ids inside a container start at this id of the host, and there are {@link idCount} of them. */
export const firstHostId = 100_000;
const idCount = 65_536;
const programId = 1000;
/** Whom the files of a container belong to, as the host sees it. */
export const programHostId = firstHostId + programId;

export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface OciConfigInput {
  /** Where the skeleton is mounted when the OCI runtime starts. */
  readonly rootfs: string;
  /** The runtime root and the guest programs. */
  readonly runtimeRoot: string;
  readonly guestFolder: string;
  /** The sandbox's folder: holds `c` (the prefix, mounted), `etc/` and `dosdevices/`. */
  readonly folder: string;
  readonly hostname: string;
  readonly cgroupsPath: string;
  readonly network: SandboxNetwork;
  /** Mounts of the user, targets resolved to paths inside. */
  readonly mounts: readonly OciMount[];
  /** Start with the least weight of all. */
  readonly background: boolean;
}

/** The OCI runtime configuration of one sandbox. Pure. The reasons for each part: docs/decisions, security set. */
export function ociConfig(input: OciConfigInput): object {
  return {
    ociVersion: '1.0.2',
    hostname: input.hostname,
    root: { path: input.rootfs, readonly: true },
    process: initProcess(),
    mounts: [...systemMounts(input), ...input.mounts],
    linux: {
      cgroupsPath: input.cgroupsPath,
      namespaces: namespaces(input.network),
      uidMappings: [{ containerID: 0, hostID: firstHostId, size: idCount }],
      gidMappings: [{ containerID: 0, hostID: firstHostId, size: idCount }],
      resources: { devices: [{ allow: false, access: 'rwm' }], ...(input.background ? { cpu: { shares: 2 } } : {}) },
      // A Windows program may listen on any port and ping. In a namespace of the network part's, that part says so.
      sysctl:
        input.network.mode === 'none'
          ? { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': '0 65535' }
          : {},
      seccomp: seccompProfile(),
      maskedPaths,
      readonlyPaths,
    },
  };
}

function initProcess(): object {
  const guest = inside.guest;
  return {
    args: [`${guest}/windowbox-init`, '--listen-fd', '3', '--', '/usr/lib/wine/wine64', `${guest}/agent.exe`],
    cwd: `${inside.prefix}/drive_c`,
    user: { uid: programId, gid: programId },
    noNewPrivileges: true,
    capabilities: {},
    env: [
      'PATH=/usr/bin:/bin',
      'HOME=/tmp',
      'LANG=C.UTF-8',
      `WINEPREFIX=${inside.prefix}`,
      'XDG_RUNTIME_DIR=/tmp',
      'WINEDEBUG=-all',
      'WINELOADER=/usr/lib/wine/wine64',
      'WINESERVER=/usr/lib/wine/wineserver64',
    ],
  };
}

function systemMounts(input: OciConfigInput): readonly OciMount[] {
  const readOnly = ['rbind', 'ro', 'nosuid', 'nodev'];
  const etc = (name: string): OciMount => bind(`/etc/${name}`, `${input.folder}/etc/${name}`, readOnly);
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    tmpfs('/dev', ['nosuid', 'noexec', 'strictatime', 'mode=755', 'size=64k']),
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
    },
    tmpfs('/dev/shm', ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k']),
    tmpfs('/tmp', ['nosuid', 'nodev', 'mode=1777', 'size=1048576k']),
    bind('/usr', `${input.runtimeRoot}/usr`, readOnly),
    bind('/etc', `${input.runtimeRoot}/etc`, [...readOnly, 'noexec']),
    etc('hosts'),
    etc('resolv.conf'),
    bind(inside.guest, input.guestFolder, readOnly),
    bind(inside.prefix, `${input.folder}/c`, ['bind', 'rw', 'nosuid', 'nodev']),
    bind(`${inside.prefix}/dosdevices`, `${input.folder}/dosdevices`, readOnly),
  ];
}

export function bind(destination: string, source: string, options: readonly string[]): OciMount {
  return { destination, type: 'bind', source, options };
}

function tmpfs(destination: string, options: readonly string[]): OciMount {
  return { destination, type: 'tmpfs', source: 'tmpfs', options };
}

function namespaces(network: SandboxNetwork): readonly object[] {
  const own = ['pid', 'ipc', 'uts', 'mount', 'user', 'cgroup'].map((type) => ({ type }));
  return [...own, network.mode === 'none' ? { type: 'network' } : { type: 'network', path: network.path }];
}

/** Parts of /proc that tell of the host or reach it: hidden, or at least not to be written. */
const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/firmware',
];
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
