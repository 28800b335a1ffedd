import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerOwner, runCommand, type RunResult } from '../platform/index.js';

export interface WineOptions {
  readonly root: string;
  /** Appears as `/c`. */
  readonly prefix: string;
  readonly timeoutMs: number;
  /** Leave the prefix as it is: what Wine writes to it goes to memory, and away. */
  readonly keepPrefix?: boolean;
}

/**
 * Runs a shell line with Wine in it inside the runtime root, as the owner of prefixes, without a network. Its mounts and processes are of namespaces of its
 * own and end with it, also when we are killed.
 */
export async function runWine(line: string, options: WineOptions): Promise<RunResult> {
  const mounts = await mkdtemp(join(tmpdir(), 'windowbox-wine-'));
  const script = [
    'mount --rbind "$1" "$3" && mount -t proc proc "$3/proc" && mount -t tmpfs tmpfs "$3/tmp"',
    options.keepPrefix === true ? mountCopy : 'mount --bind "$2" "$3/c"',
    'mount --rbind /dev "$3/dev" && chmod 1777 "$3/tmp"',
    'ip link set lo up 2>/dev/null',
    'exec chroot --userspec="$4" "$3" /usr/bin/env -i PATH=/usr/bin HOME=/tmp XDG_RUNTIME_DIR=/tmp LC_ALL=C.UTF-8 WINEPREFIX=/c WINEDEBUG=-all WINELOADER=/usr/lib/wine/wine64 sh -c "$5"',
  ].join('\n');
  const owner = `${String(containerOwner.uid)}:${String(containerOwner.gid)}`;
  const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts', '--fork', '--kill-child'];
  const program = ['sh', '-ec', script, 'sh', options.root, options.prefix, mounts, owner, line];
  try {
    return await runCommand('setpriv', ['--pdeathsig', 'KILL', '--', 'unshare', ...namespaces, ...program], {
      timeoutMs: options.timeoutMs,
    });
  } finally {
    // Its mounts were in the namespace only: here it is an empty folder.
    await rmdir(mounts);
  }
}

const mountCopy = [
  'mount -t tmpfs tmpfs "$3/mnt" && mkdir "$3/mnt/upper" "$3/mnt/work" && chown "$4" "$3/mnt/upper"',
  'mount -t overlay overlay -o "lowerdir=$2,upperdir=$3/mnt/upper,workdir=$3/mnt/work" "$3/c"',
].join('\n');
