import type { FlagTable } from '../define/flag.js';

/**
 * Docker's flags that mean something to a Linux engine only. They are taken and sent, so that the daemon answers as a Windows engine does
 * (mostly: it refuses), and help does not list them.
 */
export const linuxFlags = {
  'blkio-weight': { kind: 'int', hidden: true, help: 'Block IO (relative weight)' },
  'cap-add': { kind: 'list', hidden: true, help: 'Add Linux capabilities' },
  'cap-drop': { kind: 'list', hidden: true, help: 'Drop Linux capabilities' },
  'cgroup-parent': { kind: 'string', hidden: true, help: 'Optional parent cgroup for the container' },
  'cpu-rt-period': { kind: 'int', hidden: true, help: 'Limit CPU real-time period in microseconds' },
  'cpu-rt-runtime': { kind: 'int', hidden: true, help: 'Limit CPU real-time runtime in microseconds' },
  'cpu-period': { kind: 'int', hidden: true, help: 'Limit CPU CFS period' },
  'cpu-quota': { kind: 'int', hidden: true, help: 'Limit CPU CFS quota' },
  'cpuset-cpus': { kind: 'string', hidden: true, help: 'CPUs in which to allow execution' },
  'cpuset-mems': { kind: 'string', hidden: true, help: 'MEMs in which to allow execution' },
  'device-read-bps': { kind: 'list', hidden: true, help: 'Limit read rate (bytes per second) from a device' },
  'device-read-iops': { kind: 'list', hidden: true, help: 'Limit read rate (IO per second) from a device' },
  'device-write-bps': { kind: 'list', hidden: true, help: 'Limit write rate (bytes per second) to a device' },
  'device-write-iops': { kind: 'list', hidden: true, help: 'Limit write rate (IO per second) to a device' },
  'group-add': { kind: 'list', hidden: true, help: 'Add additional groups to join' },
  init: { kind: 'bool', hidden: true, help: 'Run an init inside the container' },
  ipc: { kind: 'string', hidden: true, help: 'IPC mode to use' },
  'memory-swappiness': { kind: 'int', hidden: true, help: 'Tune container memory swappiness' },
  'oom-kill-disable': { kind: 'bool', hidden: true, help: 'Disable OOM Killer' },
  'oom-score-adj': { kind: 'int', hidden: true, help: "Tune host's OOM preferences" },
  pid: { kind: 'string', hidden: true, help: 'PID namespace to use' },
  privileged: { kind: 'bool', hidden: true, help: 'Give extended privileges to this container' },
  'read-only': { kind: 'bool', hidden: true, help: "Mount the container's root filesystem as read only" },
  'shm-size': { kind: 'bytes', hidden: true, help: 'Size of /dev/shm' },
  sysctl: { kind: 'list', hidden: true, help: 'Sysctl options' },
  tmpfs: { kind: 'list', hidden: true, help: 'Mount a tmpfs directory' },
  ulimit: { kind: 'list', hidden: true, help: 'Ulimit options' },
  userns: { kind: 'string', hidden: true, help: 'User namespace to use' },
  uts: { kind: 'string', hidden: true, help: 'UTS namespace to use' },
} as const satisfies FlagTable;
