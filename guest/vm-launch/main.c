/*
 * vm-launch: puts QEMU where it can reach nothing but its own files, and becomes it. Runs on the host, as root, and ends as an
 * ordinary user in a root folder of its own, without privileges, in its own session: the daemon may die, the VM goes on.
 *
 *   vm-launch OPTION... -- PROGRAM ARGUMENTS...
 *     --root FOLDER          an empty folder: becomes / of the VM's process
 *     --user NUMBER          user and group
 *     --group NUMBER         one more group, for /dev/kvm
 *     --cgroup FOLDER        joins it; repeats
 *     --parent PID           ends when this process does, which has started us
 *     --netns PATH           joins it
 *     --tap NAME             opens this tap device there, as descriptor 4; repeats: 5 and on
 *     --see PATH             this path of the host, read-only, at the same place; repeats
 *     --own PATH             the same, writable
 *     --folder PATH          an empty folder there
 *     --share ro|rw PLACE PATH   PLACE in the root is   a container's files: who owns PATH on the host is NUMBER for the program
 *   "@TSC@" in an argument becomes the processor's time stamp frequency in kHz.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

/* From <sys/mount.h>, which clashes with <linux/mount.h> in older headers. */
extern int mount(const char *, const char *, const char *, unsigned long, const void *);
extern int umount2(const char *, int);

struct options {
  const char *root;
  unsigned user;
  long group;
  long parent;
};

static void read_options(int count, char **arguments, struct options *options);
static void join_cgroup(const char *folder);
static void join_network(const char *path);
static void open_tap(const char *name, int place);
static void make_root(const struct options *options);
static void show(const struct options *options, const char *path, int writable);
static void make_folder(const struct options *options, const char *path);
static void share(const struct options *options, char **arguments);
static int map_owner(int mount_file, const char *path, unsigned user);
static int user_namespace(unsigned uid, unsigned gid, unsigned user);
static void make_place(const char *path, int folder);
static void enter_root(const struct options *options);
static void drop(const struct options *options);
static void end_with(long parent);
static char *fill_in(char *argument);
static void die(const char *format, ...);

int main(int count, char **arguments) {
  struct options options = {.group = -1};
  int program = 1;
  while (program < count && strcmp(arguments[program], "--") != 0) program++;
  if (program + 1 >= count) die("no program given");
  read_options(program, arguments, &options);
  enter_root(&options);
  drop(&options);
  if (options.parent > 0) end_with(options.parent);
  for (int i = program + 1; i < count; i++) arguments[i] = fill_in(arguments[i]);
  execv(arguments[program + 1], arguments + program + 1);
  die("cannot start %s: %s", arguments[program + 1], strerror(errno));
}

/* In order: a later one may be below an earlier one. */
static void read_options(int count, char **arguments, struct options *options) {
  int made = 0, taps = 0;
  for (int i = 1; i < count; i++) {
    const char *name = arguments[i];
    int needed = strcmp(name, "--share") == 0 ? 3 : 1;
    if (i + needed > count - 1) die("%s needs more arguments", name);
    char **values = arguments + i + 1;
    i += needed;
    if (strcmp(name, "--root") == 0) options->root = values[0];
    else if (strcmp(name, "--user") == 0) options->user = (unsigned)strtoul(values[0], NULL, 10);
    else if (strcmp(name, "--group") == 0) options->group = strtol(values[0], NULL, 10);
    else if (strcmp(name, "--parent") == 0) options->parent = strtol(values[0], NULL, 10);
    else if (strcmp(name, "--cgroup") == 0) join_cgroup(values[0]);
    else if (strcmp(name, "--netns") == 0) join_network(values[0]);
    else if (strcmp(name, "--tap") == 0) open_tap(values[0], 4 + taps++);
    else {
      if (!made++) make_root(options);
      if (strcmp(name, "--see") == 0) show(options, values[0], 0);
      else if (strcmp(name, "--own") == 0) show(options, values[0], 1);
      else if (strcmp(name, "--folder") == 0) make_folder(options, values[0]);
      else if (strcmp(name, "--share") == 0) share(options, values);
      else die("unknown option %s", name);
    }
  }
}

static void join_cgroup(const char *folder) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/cgroup.procs", folder);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, "0", 1) != 1) die("cannot join cgroup %s: %s", folder, strerror(errno));
  close(file);
}

static void join_network(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || setns(file, CLONE_NEWNET) != 0) die("cannot join network namespace %s: %s", path, strerror(errno));
  close(file);
}

static void open_tap(const char *name, int place) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  int tap = open("/dev/net/tun", O_RDWR);
  if (tap < 0 || ioctl(tap, TUNSETIFF, &request) != 0) die("cannot open tap device %s: %s", name, strerror(errno));
  if (tap != place && (dup2(tap, place) < 0 || close(tap) != 0)) die("cannot place tap device: %s", strerror(errno));
}

static void make_root(const struct options *options) {
  if (options->root == NULL || options->user == 0) die("--root and --user come first");
  if (unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS) != 0) die("cannot leave the namespaces: %s", strerror(errno));
  if (mount(NULL, "/", NULL, 0x4000 /* MS_REC */ | 0x40000 /* MS_PRIVATE */, NULL) != 0) die("cannot part mounts: %s", strerror(errno));
  if (mount("root", options->root, "tmpfs", 2 | 4 /* nosuid, nodev */, "mode=755,size=1m") != 0) die("cannot make root: %s", strerror(errno));
}

static void show(const struct options *options, const char *path, int writable) {
  struct stat status;
  char place[PATH_MAX];
  if (stat(path, &status) != 0) die("cannot see %s: %s", path, strerror(errno));
  snprintf(place, sizeof place, "%s%s", options->root, path);
  make_place(place, S_ISDIR(status.st_mode));
  if (mount(path, place, NULL, 0x1000 /* MS_BIND */, NULL) != 0) die("cannot mount %s: %s", path, strerror(errno));
  int device = S_ISCHR(status.st_mode);
  if (writable || device) return;
  if (mount(NULL, place, NULL, 0x1000 | 0x20 /* remount */ | 1 | 2 | 4, NULL) != 0) die("cannot make %s read-only: %s", path, strerror(errno));
}

static void make_folder(const struct options *options, const char *path) {
  char place[PATH_MAX];
  snprintf(place, sizeof place, "%s%s", options->root, path);
  make_place(place, 1);
}

static void share(const struct options *options, char **arguments) {
  const char *name = arguments[1], *path = arguments[2];
  struct stat status;
  char place[PATH_MAX];
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
  if (tree < 0 || fstat(tree, &status) != 0) die("cannot share %s: %s", path, strerror(errno));
  snprintf(place, sizeof place, "%s%s", options->root, name);
  make_place(place, S_ISDIR(status.st_mode));
  /* File systems that cannot map owners (overlayfs, 9p) are shared as they are. */
  if (map_owner(tree, path, options->user) != 0 && errno != EINVAL) die("cannot map the owner of %s: %s", path, strerror(errno));
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (arguments[0][1] == 'o' ? MOUNT_ATTR_RDONLY : 0)};
  if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0) die("cannot restrict %s: %s", path, strerror(errno));
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) != 0) die("cannot mount %s: %s", path, strerror(errno));
  close(tree);
}

static int map_owner(int tree, const char *path, unsigned user) {
  struct stat status;
  if (lstat(path, &status) != 0) return -1;
  if (status.st_uid == user && status.st_gid == user) return 0;
  int names = user_namespace(status.st_uid, status.st_gid, user);
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (__u64)names};
  int result = (int)syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
  int reason = errno;
  close(names);
  errno = reason;
  return result;
}

/* A user namespace that lives only as a descriptor: the map from the file's owner to the program's user. */
static int user_namespace(unsigned uid, unsigned gid, unsigned user) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) die("cannot make pipe: %s", strerror(errno));
  pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0);
  if (child == 0) {
    char byte;
    close(ready[1]);
    _exit(read(ready[0], &byte, 1) < 0);
  }
  if (child < 0) die("cannot make user namespace: %s", strerror(errno));
  const struct {
    const char *name;
    unsigned from;
  } maps[] = {{"uid_map", uid}, {"gid_map", gid}};
  char path[64], line[64];
  for (size_t i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", (int)child, maps[i].name);
    int length = snprintf(line, sizeof line, "%u %u 1\n", maps[i].from, user);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, line, (size_t)length) != length) die("cannot write %s: %s", path, strerror(errno));
    close(file);
  }
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)child);
  int names = open(path, O_RDONLY | O_CLOEXEC);
  close(ready[1]);
  close(ready[0]);
  waitpid(child, NULL, 0);
  if (names < 0) die("cannot open %s: %s", path, strerror(errno));
  return names;
}

static void make_place(const char *path, int folder) {
  char part[PATH_MAX];
  snprintf(part, sizeof part, "%s", path);
  for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdir(part, 0755) != 0 && errno != EEXIST) die("cannot make %s: %s", part, strerror(errno));
    *slash = '/';
  }
  if (folder) {
    if (mkdir(part, 0755) != 0 && errno != EEXIST) die("cannot make %s: %s", part, strerror(errno));
    return;
  }
  int file = open(part, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) die("cannot make %s: %s", part, strerror(errno));
  close(file);
}

/* QEMU's file server reaches an open file by its name below /proc/self/fd. It sees no process but its own. */
static void enter_root(const struct options *options) {
  char place[PATH_MAX];
  snprintf(place, sizeof place, "%s/proc", options->root);
  make_place(place, 1);
  if (mount("proc", place, "proc", 2 | 4 | 8, "hidepid=ptraceable,subset=pid") != 0) die("cannot mount %s: %s", place, strerror(errno));
  if (chdir(options->root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", 2 /* MNT_DETACH */) != 0 || chdir("/") != 0)
    die("cannot enter %s: %s", options->root, strerror(errno));
}

static void drop(const struct options *options) {
  gid_t groups[1] = {(gid_t)options->group};
  if (setgroups(options->group < 0 ? 0 : 1, groups) != 0 || setresgid(options->user, options->user, options->user) != 0 ||
      setresuid(options->user, options->user, options->user) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    die("cannot drop privileges: %s", strerror(errno));
  setsid();
}

/* After the privileges are dropped: the kernel forgets the wish with them. Whoever is nobody's child any more was too late. */
static void end_with(long parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) die("cannot be tied to process %ld: %s", parent, strerror(errno));
  if (getppid() != parent) die("process %ld has ended", parent);
}

static char *fill_in(char *argument) {
  char *place = strstr(argument, "@TSC@");
  if (place == NULL) return argument;
  struct timespec from, to;
  long long passed;
  clock_gettime(CLOCK_MONOTONIC_RAW, &from);
  unsigned long long ticks = __rdtsc();
  do {
    clock_gettime(CLOCK_MONOTONIC_RAW, &to);
    passed = (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec;
  } while (passed < 20000000);
  ticks = (__rdtsc() - ticks) * 1000000ULL / (unsigned long long)passed;
  char *filled = NULL;
  if (asprintf(&filled, "%.*s%llu%s", (int)(place - argument), argument, ticks, place + 5) < 0) die("no memory");
  return filled;
}

static void die(const char *format, ...) {
  va_list values;
  va_start(values, format);
  fprintf(stderr, "vm-launch: ");
  vfprintf(stderr, format, values);
  fprintf(stderr, "\n");
  exit(125);
}
