import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface SystemPackage {
  /** Debian's name, the same in Debian 12 and 13. */
  readonly name: string;
  /** Present when this program is in the path, or this file exists. */
  readonly provides: string;
  readonly why: string;
}

/**
 * What Windowbox needs of the system: the one list for the launcher, `windowbox doctor` and docs/guides/setup.md. Besides these it uses only what
 * every Debian has: apt, dpkg, tar, coreutils, util-linux.
 */
export const systemPackages: readonly SystemPackage[] = [
  { name: 'mount', provides: 'mount', why: 'mounts the file systems of containers' },
  { name: 'zstd', provides: 'zstd', why: 'packs and unpacks image layers' },
  { name: 'attr', provides: 'getfattr', why: 'reads what overlayfs notes of a container, when an image is made of it' },
  { name: 'xz-utils', provides: 'xz', why: 'unpacks archives that ADD takes' },
  { name: 'bzip2', provides: 'bzip2', why: 'unpacks archives that ADD takes' },
  { name: 'runc', provides: 'runc', why: 'runs process-isolated containers' },
  { name: 'iproute2', provides: 'ip', why: 'makes the network of a container' },
  { name: 'iptables', provides: 'iptables', why: 'NAT and published ports' },
  { name: 'conntrack', provides: 'conntrack', why: 'makes the kernel look again where UDP goes' },
  { name: 'qemu-system-x86', provides: 'qemu-system-x86_64', why: 'runs the utility VMs of Hyper-V isolation' },
  { name: 'erofs-utils', provides: 'mkfs.erofs', why: 'makes the disks of the utility VMs' },
  { name: 'e2fsprogs', provides: 'mkfs.ext4', why: 'makes the writable disk of a utility VM' },
  { name: 'gcc', provides: 'gcc', why: 'compiles the Linux side of the guest programs' },
  { name: 'libc6-dev', provides: '/usr/include/stdio.h', why: 'for gcc' },
  {
    name: 'gcc-mingw-w64-x86-64-win32',
    provides: 'x86_64-w64-mingw32-gcc',
    why: 'compiles the Windows side of the guest programs',
  },
  { name: 'ca-certificates', provides: '/etc/ssl/certs/ca-certificates.crt', why: 'checks the identity of registries' },
];

/** Those that are not installed, in the order of the list. */
export function findMissingPackages(): readonly SystemPackage[] {
  return systemPackages.filter(({ provides }) => !isPresent(provides));
}

function isPresent(provides: string): boolean {
  const path = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`;
  const candidates = provides.startsWith('/')
    ? [provides]
    : path.split(delimiter).map((folder) => join(folder, provides));
  return candidates.some(isReadable);
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
