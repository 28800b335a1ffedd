/*
 * The container's own file system: what it writes goes to its disk, what it reads comes from the disk, the host's folder of earlier
 * writes, the image's layers and the base. Mounted over what the template was started on: Wine's processes keep what they have
 * open (the same files of the same base), and see this from their next path on.
 */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int mount_disk(struct answer *answer);
static int mount_host(const char *tag, const char *folder, const char *cache, struct answer *answer);
static int mount_state(const struct request *request, struct answer *answer);
static int mount_share(const char *description, struct answer *answer);
static int attach_drive(const char *source, char letter, unsigned long flags, struct answer *answer);

int attach_layer(const struct request *request, struct answer *answer) {
  if (mount_disk(answer) != 0) return -1;
  /* Nobody changes the layers while the VM runs, so they may be cached for as long as it likes. */
  if (mount_host("layer", HOST "/layer", "loose", answer) != 0) return -1;
  if (mount_state(request, answer) != 0) return -1;
  int shares = 0;
  for (const char *at = next_string(request, NULL); at != NULL; at = next_string(request, at)) {
    if (strncmp(at, "mount=", 6) != 0) continue;
    /* The host may change these at any time: nothing is kept but what programs map. */
    if (shares++ == 0 && mount_host("shares", HOST "/shares", "mmap", answer) != 0) return -1;
    if (mount_share(at + 6, answer) != 0) return -1;
  }
  if (mount(STATE "/drive_c", PREFIX "/drive_c", NULL, MS_BIND | MS_REC, NULL) != 0)
    return fail(answer, "Cannot mount", "C:");
  return 0;
}

static int mount_disk(struct answer *answer) {
  char device[64];
  if (find_drive("disk", device, sizeof device) != 0) return fail(answer, "Cannot find drive", "disk");
  /* The template's kernel looked for partitions on another disk in this place. */
  int file = open(device, O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(answer, "Cannot open", device);
  ioctl(file, BLKFLSBUF, 0);
  close(file);
  mkdir(DISK, 0755);
  if (mount(device, DISK, "ext4", MS_NOATIME, "noinit_itable") != 0) return fail(answer, "Cannot mount", "disk");
  mkdir(DISK "/work", 0755);
  if (mkdir(DISK "/upper", 0755) == 0 && chown(DISK "/upper", VM_USER, VM_USER) != 0)
    return fail(answer, "Cannot change", "upper");
  return 0;
}

static int mount_host(const char *tag, const char *folder, const char *cache, struct answer *answer) {
  char options[128];
  snprintf(options, sizeof options, "trans=virtio,version=9p2000.L,msize=524288,cache=%s,access=client", cache);
  if (make_folders(folder, 0755) != 0 || mount(tag, folder, "9p", MS_NOSUID | MS_NODEV, options) != 0)
    return fail(answer, "Cannot mount the host's folder", tag);
  return 0;
}

/* lowers=N: /layer/lower/0 is the topmost of N image layers above the base. */
static int mount_state(const struct request *request, struct answer *answer) {
  const char *given = value_of(request, "lowers");
  int lowers = given == NULL ? 0 : atoi(given);
  static char options[16384];
  size_t used = (size_t)snprintf(options, sizeof options, "upperdir=" DISK "/upper,workdir=" DISK "/work,index=off,xino=off,lowerdir=" HOST "/layer/upper");
  for (int i = 0; i < lowers && used < sizeof options; i++)
    used += (size_t)snprintf(options + used, sizeof options - used, ":" HOST "/layer/lower/%d", i);
  for (int i = 0; used < sizeof options; i++) {
    char folder[32];
    snprintf(folder, sizeof folder, "/base/%d", i);
    if (access(folder, F_OK) != 0) break;
    used += (size_t)snprintf(options + used, sizeof options - used, ":%s", folder);
  }
  if (mount("state", STATE, "overlay", 0, options) != 0) return fail(answer, "Cannot mount the layers", options);
  return 0;
}

/* NUMBER:ro|rw:file|folder:C:\path — the host's /shares/NUMBER appears at that path, a whole drive when it is only "D:\". */
static int mount_share(const char *description, struct answer *answer) {
  unsigned number;
  char mode[3], kind[7], source[64];
  int at = 0;
  if (sscanf(description, "%u:%2[a-z]:%6[a-z]:%n", &number, mode, kind, &at) != 3 || at == 0) {
    errno = EINVAL;
    return fail(answer, "Cannot read mount", description);
  }
  snprintf(source, sizeof source, HOST "/shares/%u", number);
  unsigned long flags = strcmp(mode, "ro") == 0 ? MS_RDONLY : 0;
  const char *target = description + at;
  if (strlen(target) == 3 && (target[0] | 32) != 'c') return attach_drive(source, (char)(target[0] | 32), flags, answer);
  char place[4096];
  if (make_windows_path(target, strcmp(kind, "file") == 0, place, sizeof place) != 0)
    return fail(answer, "Cannot make", target);
  if (mount(source, place, NULL, MS_BIND, NULL) != 0) return fail(answer, "Cannot mount", target);
  if (flags != 0 && mount(NULL, place, NULL, MS_BIND | MS_REMOUNT | MS_NOSUID | MS_NODEV | flags, NULL) != 0)
    return fail(answer, "Cannot make read-only", target);
  return 0;
}

static int attach_drive(const char *source, char letter, unsigned long flags, struct answer *answer) {
  char folder[64], link[64], target[32];
  snprintf(folder, sizeof folder, DRIVES "/%c", letter);
  snprintf(link, sizeof link, PREFIX "/dosdevices/%c:", letter);
  snprintf(target, sizeof target, "/mnt/%c", letter);
  if (make_folders(folder, 0755) != 0 || mount(source, folder, NULL, MS_BIND, NULL) != 0)
    return fail(answer, "Cannot mount", folder);
  if (flags != 0 && mount(NULL, folder, NULL, MS_BIND | MS_REMOUNT | MS_NOSUID | MS_NODEV | flags, NULL) != 0)
    return fail(answer, "Cannot make read-only", folder);
  if (symlink(target, link) != 0) return fail(answer, "Cannot link", link);
  return 0;
}
