import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { tryCommand } from '../../platform/index.js';
import { type CheckContext, type Finding, note, ok, problem } from './finding.js';

export async function checkOverlay({ isRoot }: CheckContext): Promise<readonly Finding[]> {
  if (!isRoot) return [];
  const script =
    'mount -t tmpfs tmpfs /mnt && cd /mnt && mkdir lower upper work merged && mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged && touch merged/file';
  const { exitCode, stderr } = await tryCommand('unshare', ['--mount', 'sh', '-ec', script], { timeoutMs: 10_000 });
  if (exitCode === 0) return [ok('kernel.overlayfs', 'overlayfs mounts')];
  return [
    problem(
      'kernel.overlayfs',
      `overlayfs does not mount: ${stderr.trim()}`,
      'modprobe overlay; in a container: use a privileged one.',
    ),
  ];
}

export async function checkNamespaces({ isRoot }: CheckContext): Promise<readonly Finding[]> {
  const flags = ['--user', '--map-root-user', '--pid', '--fork', '--net', '--ipc', '--uts', '--mount'];
  const { exitCode, stderr } = await tryCommand('unshare', [...flags, 'true'], { timeoutMs: 10_000 });
  if (exitCode === 0) return [ok('kernel.namespaces', 'user, pid, network, ipc, uts and mount namespaces')];
  const text = `namespaces cannot be made: ${stderr.trim()}`;
  if (!isRoot) return [note('kernel.namespaces', text, 'Ask again as root.')];
  return [
    problem(
      'kernel.namespaces',
      text,
      'sysctl -w user.max_user_namespaces=15000; in a container: use a privileged one; in a chroot there are none.',
    ),
  ];
}

export function checkSeccomp(): readonly Finding[] {
  if (existsSync('/proc/sys/kernel/seccomp/actions_avail')) return [ok('kernel.seccomp', 'seccomp filters')];
  return [
    problem(
      'kernel.seccomp',
      'this kernel has no seccomp filters',
      'Use a kernel with CONFIG_SECCOMP_FILTER, as Debian’s own.',
    ),
  ];
}

/** Version 1, version 2, or both side by side: limits need these controllers in either. */
export function checkCgroups(): readonly Finding[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const v1 = mounts
    .filter((line) => line.split(' ')[2] === 'cgroup')
    .flatMap((line) => (line.split(' ')[3] ?? '').split(','));
  const unified = mounts.map((line) => line.split(' ')).find((fields) => fields[2] === 'cgroup2')?.[1];
  const v2 = unified === undefined ? [] : readControllers(unified);
  const layout = v1.length > 0 ? (unified === undefined ? 'version 1' : 'versions 1 and 2 (hybrid)') : 'version 2';
  if (v1.length === 0 && unified === undefined)
    return [problem('kernel.cgroups', 'no cgroup file system is mounted', 'mount -t cgroup2 cgroup2 /sys/fs/cgroup')];
  const missing = ['memory', 'cpu', 'pids'].filter((name) => !v1.includes(name) && !v2.includes(name));
  if (missing.length === 0) return [ok('kernel.cgroups', `cgroups ${layout}, kernel ${release()}`)];
  const text = `cgroups ${layout} without ${missing.join(', ')}: these limits do not bind`;
  return [problem('kernel.cgroups', text, 'Boot with cgroup_enable=memory, or mount the missing controllers.')];
}

function readControllers(mount: string): readonly string[] {
  const file = `${mount}/cgroup.controllers`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
}
