/** Seccomp section of an OCI configuration. */
export interface SeccompProfile {
  readonly defaultAction: 'SCMP_ACT_ERRNO';
  readonly defaultErrnoRet: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

interface SeccompRule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ';
  }[];
}

const noPermission = 1;
const notImplemented = 38;

/**
 * Which system calls a container may make: a list of what is allowed, all else is EPERM. It is what Wine, its programs and our
 * init need: the calls of an unprivileged program, less those that widen the kernel's attack surface (docs/decisions:
 * security set). Never here: mounting, namespaces, keys, BPF, perf, io_uring, userfaultfd, modules, handles to files by number.
 */
export function seccompProfile(): SeccompProfile {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: noPermission,
    // 32-bit Windows programs run in 64-bit mode (Wine's WoW64), but their loader may ask for a 32-bit code segment.
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    syscalls: [
      { names: Object.values(allowed).flat(), action: 'SCMP_ACT_ALLOW' },
      { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0, op: 'SCMP_CMP_EQ' }] },
      {
        names: ['personality'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 0xff_ff_ff_ff, op: 'SCMP_CMP_EQ' }],
      },
      cloneWithoutNamespaces,
      // The C library falls back to clone, whose flags a filter can see; those of clone3 are behind a pointer.
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: notImplemented },
      ...socketFamilies.map(allowFamily),
    ],
  };
}

/** Unix, IPv4, IPv6. Netlink (16) is there for the list of interfaces and routes: read only without capabilities. */
const socketFamilies = [1, 2, 10, 16];

function allowFamily(family: number): SeccompRule {
  return {
    names: ['socket', 'socketpair'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: family, op: 'SCMP_CMP_EQ' }],
  };
}

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET must all be 0. */
const namespaceFlags = 0x7e_02_00_00;
const cloneWithoutNamespaces: SeccompRule = {
  names: ['clone'],
  action: 'SCMP_ACT_ALLOW',
  args: [{ index: 0, value: namespaceFlags, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
};

const allowed = {
  files:
    words(`access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
    fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync flock fstat fstatfs fsync ftruncate getcwd
    getdents getdents64 ioctl lchown link linkat lseek lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64
    preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv rename renameat renameat2 rmdir sendfile
    splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat utime utimensat
    utimes futimesat vmsplice write writev fgetxattr flistxattr fremovexattr fsetxattr getxattr lgetxattr listxattr llistxattr
    lremovexattr lsetxattr removexattr setxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch memfd_create`),
  // The 32-bit spellings of the calls above and below.
  thirtyTwoBit:
    words(`_llseek _newselect chown32 fadvise64_64 fchown32 fcntl64 fstat64 fstatat64 fstatfs64 ftruncate64 futex_time64
    clock_gettime64 clock_getres_time64 clock_nanosleep_time64 getegid32 geteuid32 getgid32 getgroups32 getresgid32 getresuid32
    getuid32 lchown32 lstat64 mmap2 ppoll_time64 pselect6_time64 recv recvmmsg_time64 rt_sigtimedwait_time64 send sendfile64
    sigaction sigprocmask sigreturn socketcall stat64 statfs64 truncate64 ugetrlimit utimensat_time64 waitpid set_thread_area
    get_thread_area timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64`),
  memory:
    words(`brk get_mempolicy madvise membarrier mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall
    munmap pkey_alloc pkey_free pkey_mprotect map_shadow_stack shmat shmctl shmdt shmget`),
  processes:
    words(`arch_prctl capget execve execveat exit exit_group fork get_robust_list getcpu getegid geteuid getgid getgroups
    getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get
    ioprio_set kill modify_ldt pause pidfd_open pidfd_send_signal prctl prlimit64 process_mrelease rseq sched_get_priority_max
    sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
    sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield set_robust_list set_tid_address setpgid
    setpriority setrlimit setsid sysinfo tgkill time times tkill uname vfork wait4 waitid`),
  // Wine's server writes into its clients' memory and reads their registers with these; only within the same user and namespace.
  debugging: words(`ptrace process_vm_readv process_vm_writev`),
  signalsAndTime:
    words(`alarm clock_adjtime clock_getres clock_gettime clock_nanosleep eventfd eventfd2 futex futex_waitv getitimer
    gettimeofday nanosleep restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
    rt_sigtimedwait rt_tgsigqueueinfo setitimer sigaltstack signalfd signalfd4 timer_create timer_delete timer_getoverrun
    timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime`),
  waiting:
    words(`epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old pipe pipe2
    poll ppoll pselect6 select`),
  network:
    words(`accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg
    sendto setsockopt shutdown`),
  // Needed between the moment runc installs the filter and the start of our init.
  start: words(`capset chroot setfsgid setfsuid setgid setgroups setregid setresgid setresuid setreuid setuid`),
} as const;

function words(text: string): string[] {
  return text.split(/\s+/u);
}
