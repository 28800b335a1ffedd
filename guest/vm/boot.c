/*
 * From the kernel's start to a Linux root with a Wine prefix in it. All of this happens once per template: what differs between
 * the copies comes later (identity.c, layer.c, network.c).
 */
#include "vm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int mount_basics(struct answer *answer);
static int load_modules(const char *folder, struct answer *answer);
static int load_card_driver(struct answer *answer);
static int mount_images(struct answer *answer, char *lowers, size_t size);
static int mount_root(struct answer *answer);
static int make_prefix(struct answer *answer, const char *lowers);
static int link_prefix(struct answer *answer);

int set_up_machine(struct answer *answer) {
  char lowers[1024] = "";
  if (mount_basics(answer) != 0 || load_modules("/modules", answer) != 0 || load_card_driver(answer) != 0) return -1;
  if (mount_images(answer, lowers, sizeof lowers) != 0 || mount_root(answer) != 0) return -1;
  return make_prefix(answer, lowers);
}

static int mount_basics(struct answer *answer) {
  static const struct {
    const char *type, *path;
  } basics[] = {{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/ram"}};
  for (size_t i = 0; i < sizeof basics / sizeof *basics; i++) {
    mkdir(basics[i].path, 0755);
    if (mount(basics[i].type, basics[i].path, basics[i].type, 0, NULL) != 0)
      return fail(answer, "Cannot mount", basics[i].path);
  }
  return 0;
}

/* The host names the files so that their alphabetical order is the order of their dependencies. */
static int load_modules(const char *folder, struct answer *answer) {
  struct dirent **names;
  int count = scandir(folder, &names, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    if (names[i]->d_name[0] == '.') continue;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || (syscall(SYS_finit_module, file, "", 0) != 0 && errno != EEXIST))
      return fail(answer, "Cannot load", path);
    close(file);
    unlink(path);
  }
  return 0;
}

/* It takes no card by itself: each copy connects its own (cards.c). */
static int load_card_driver(struct answer *answer) {
  if (write_text("/sys/bus/virtio/drivers_autoprobe", "0") != 0) return fail(answer, "Cannot keep free", "network cards");
  return load_modules("/card-modules", answer);
}

/* Drives are found by the serial number that the host gave them: root, base0 (topmost), base1 ... */
static int mount_images(struct answer *answer, char *lowers, size_t size) {
  char device[64];
  if (find_drive("root", device, sizeof device) != 0) return fail(answer, "Cannot find drive", "root");
  mkdir("/base-root", 0755);
  if (mount(device, "/base-root", "erofs", MS_RDONLY, NULL) != 0) return fail(answer, "Cannot mount", "root");
  mkdir("/base", 0755);
  for (int i = 0;; i++) {
    char name[16], folder[32];
    snprintf(name, sizeof name, "base%d", i);
    if (find_drive(name, device, sizeof device) != 0) return i > 0 ? 0 : fail(answer, "Cannot find drive", name);
    snprintf(folder, sizeof folder, "/base/%d", i);
    mkdir(folder, 0755);
    if (mount(device, folder, "erofs", MS_RDONLY, NULL) != 0) return fail(answer, "Cannot mount", name);
    size_t used = strlen(lowers);
    snprintf(lowers + used, size - used, "%s%s", used > 0 ? ":" : "", folder);
  }
}

int find_drive(const char *serial, char *device, size_t size) {
  for (char letter = 'a'; letter <= 'z'; letter++) {
    char path[64], found[32] = "";
    snprintf(path, sizeof path, "/sys/block/vd%c/serial", letter);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    ssize_t length = read(file, found, sizeof found - 1);
    close(file);
    if (length > 0 && found[length - 1] == '\n') found[length - 1] = 0;
    if (strcmp(found, serial) != 0) continue;
    snprintf(device, size, "/dev/vd%c", letter);
    return 0;
  }
  errno = ENODEV;
  return -1;
}

static int mount_root(struct answer *answer) {
  mkdir("/ram/root", 0755);
  mkdir("/ram/root-work", 0755);
  mkdir(ROOT, 0755);
  if (mount("root", ROOT, "overlay", 0, "lowerdir=/base-root,upperdir=/ram/root,workdir=/ram/root-work") != 0)
    return fail(answer, "Cannot mount", ROOT);
  static const struct {
    const char *type, *path;
    unsigned long flags;
    const char *options;
  } inside[] = {
      {"proc", ROOT "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
      {"tmpfs", ROOT "/dev", MS_NOSUID, "mode=755,size=64k"},
      {"devpts", ROOT "/dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"},
      {"tmpfs", ROOT "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777"},
      {"tmpfs", ROOT "/tmp", MS_NOSUID | MS_NODEV, "mode=1777"},
  };
  for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
    make_folders(inside[i].path, 0755);
    if (mount(inside[i].type, inside[i].path, inside[i].type, inside[i].flags, inside[i].options) != 0)
      return fail(answer, "Cannot mount", inside[i].path);
  }
  /* Programs run as an ordinary user, and get only the devices that every program may use. */
  static const struct {
    const char *path;
    int minor;
  } devices[] = {{ROOT "/dev/null", 3}, {ROOT "/dev/zero", 5}, {ROOT "/dev/full", 7}, {ROOT "/dev/random", 8}, {ROOT "/dev/urandom", 9}};
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
    if (mknod(devices[i].path, S_IFCHR | 0666, makedev(1, (unsigned)devices[i].minor)) != 0)
      return fail(answer, "Cannot make", devices[i].path);
    chmod(devices[i].path, 0666);
  }
  if (mknod(ROOT "/dev/tty", S_IFCHR | 0666, makedev(5, 0)) != 0 || chmod(ROOT "/dev/tty", 0666) != 0)
    return fail(answer, "Cannot make", "tty");
  if (symlink("pts/ptmx", ROOT "/dev/ptmx") != 0) return fail(answer, "Cannot make", "ptmx");
  return 0;
}

static int make_prefix(struct answer *answer, const char *lowers) {
  char options[1200];
  mkdir("/ram/state", 0755);
  mkdir("/ram/state-work", 0755);
  if (chown("/ram/state", VM_USER, VM_USER) != 0) return fail(answer, "Cannot change", "/ram/state");
  snprintf(options, sizeof options, "lowerdir=%s,upperdir=/ram/state,workdir=/ram/state-work", lowers);
  make_folders(STATE, 0755);
  if (mount("state", STATE, "overlay", 0, options) != 0) return fail(answer, "Cannot mount", options);
  make_folders(DRIVES, 0755);
  make_folders(PREFIX "/dosdevices", 0755);
  make_folders(PREFIX "/drive_c", 0755);
  if (mount(STATE "/drive_c", PREFIX "/drive_c", NULL, MS_BIND, NULL) != 0) return fail(answer, "Cannot mount", "drive_c");
  return link_prefix(answer);
}

/* wineserver writes straight through a link, so the registry follows when STATE gets another file system mounted over it. */
static int link_prefix(struct answer *answer) {
  static const char *const registry[] = {"system.reg", "user.reg", "userdef.reg"};
  for (size_t i = 0; i < sizeof registry / sizeof *registry; i++) {
    char target[64], path[64];
    snprintf(target, sizeof target, "/state/%s", registry[i]);
    snprintf(path, sizeof path, PREFIX "/%s", registry[i]);
    if (symlink(target, path) != 0) return fail(answer, "Cannot link", path);
  }
  if (symlink("../drive_c", PREFIX "/dosdevices/c:") != 0) return fail(answer, "Cannot link", "c:");
  /* Keeps Wine from comparing the prefix with its own version at each start. */
  if (write_text(PREFIX "/.update-timestamp", "disable\n") != 0) return fail(answer, "Cannot write", "timestamp");
  if (chown(PREFIX, VM_USER, VM_USER) != 0 || chown(PREFIX "/dosdevices", VM_USER, VM_USER) != 0)
    return fail(answer, "Cannot change", PREFIX);
  return 0;
}
