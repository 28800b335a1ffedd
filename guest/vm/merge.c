/*
 * Brings what the container wrote on its disk into the host's folder of the same container. The guest does it, over 9p: the host's
 * kernel never reads a file system that a guest wrote. Safe to do again after an interruption: the disk is dropped only after it.
 */
#include "vm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Where the same folder is on both sides, and below drive_c's root for what hides the lower layers. */
struct place {
  int from, to;
  /* Paths that the host hides, each ended by NUL: QEMU lets no guest make a device node, and a whiteout is one. */
  FILE *hidden;
  char path[PATH_MAX];
};

static char under_way[PATH_MAX + 260];

static int merge_folder(struct place *place);
static int merge_entry(struct place *place, const char *name);
static int hide(struct place *place, const char *name);
static int enter(struct place *place, const char *name, const struct stat *status);
static int hide_lower(struct place *place);
static int copy_named(struct place *place, const char *name, const struct stat *status);
static int copy_file(int from, int to, const char *name, const struct stat *status);
static int copy_bytes(int input, int output, off_t size);
static void copy_attributes(int input, int output);
static int copy_link(int from, int to, const char *name);
static int remove_all(int folder, const char *name);
static int is_whiteout(const struct stat *status);
static int is_opaque(int folder);

int merge_layer(struct answer *answer) {
  struct place *place = calloc(1, sizeof *place);
  if (place == NULL) return fail(answer, "Cannot merge", "layer");
  place->from = open(DISK "/upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  place->to = open(HOST "/layer/upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  place->hidden = fopen(HOST "/layer/merge/hidden", "we");
  int result = place->from < 0 || place->to < 0 || place->hidden == NULL ? -1 : merge_folder(place);
  if (result != 0) fail(answer, "Cannot merge", under_way);
  if (place->hidden != NULL && fclose(place->hidden) != 0 && result == 0) result = fail(answer, "Cannot write", "hidden");
  if (place->from >= 0) close(place->from);
  if (place->to >= 0) close(place->to);
  free(place);
  forget_copied();
  return result;
}

static int merge_folder(struct place *place) {
  int copy = openat(place->from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *names = copy < 0 ? NULL : fdopendir(copy);
  if (names == NULL) return -1;
  int result = 0;
  for (struct dirent *entry; result == 0 && (entry = readdir(names)) != NULL;)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) result = merge_entry(place, entry->d_name);
  int reason = errno;
  closedir(names);
  errno = reason;
  return result;
}

static int merge_entry(struct place *place, const char *name) {
  struct stat status, there;
  /* The deepest entry under way is the one to name in an error. */
  snprintf(under_way, sizeof under_way, "%s/%s", place->path, name);
  if (fstatat(place->from, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return -1;
  int exists = fstatat(place->to, name, &there, AT_SYMLINK_NOFOLLOW) == 0;
  if (S_ISDIR(status.st_mode)) {
    if (exists && !S_ISDIR(there.st_mode) && remove_all(place->to, name) != 0) return -1;
    return enter(place, name, &status);
  }
  /* One with several names is not written into: in here each name that was written to has become a file of its own. */
  int plain = S_ISREG(status.st_mode) && exists && S_ISREG(there.st_mode) && there.st_nlink == 1 && status.st_nlink == 1;
  if (exists && !plain && remove_all(place->to, name) != 0) return -1;
  if (is_whiteout(&status)) return hide(place, name);
  if (S_ISREG(status.st_mode)) return copy_named(place, name, &status);
  if (S_ISLNK(status.st_mode)) return copy_link(place->from, place->to, name);
  return 0; /* sockets and pipes are nothing that outlives a program */
}

static int hide(struct place *place, const char *name) {
  return fprintf(place->hidden, "%s/%s%c", place->path, name, 0) < 0 ? -1 : 0;
}

static int enter(struct place *place, const char *name, const struct stat *status) {
  struct place inner = {.hidden = place->hidden, .from = openat(place->from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), .to = -1};
  if (inner.from < 0) return -1;
  int opaque = is_opaque(inner.from);
  if (opaque && remove_all(place->to, name) != 0) return -1;
  if (mkdirat(place->to, name, 0755) != 0 && errno != EEXIST) return -1;
  inner.to = openat(place->to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int written = snprintf(inner.path, sizeof inner.path, "%s/%s", place->path, name);
  int result = inner.to < 0 || written >= (int)sizeof inner.path ? -1 : merge_folder(&inner);
  if (result == 0 && opaque) result = hide_lower(&inner);
  if (result == 0) {
    copy_attributes(inner.from, inner.to);
    fchmod(inner.to, status->st_mode & 0777);
    futimens(inner.to, (struct timespec[]){status->st_atim, status->st_mtim});
  }
  if (inner.to >= 0) close(inner.to);
  close(inner.from);
  return result;
}

/* A folder that replaces one of the layers below becomes whiteouts, name by name: Windows layers have nothing else. */
static int hide_lower(struct place *place) {
  for (int kind = 0; kind < 2; kind++)
    for (int i = 0;; i++) {
      char root[64], folder[PATH_MAX + 64];
      snprintf(root, sizeof root, kind == 0 ? HOST "/layer/lower/%d" : "/base/%d", i);
      if (access(root, F_OK) != 0) break;
      snprintf(folder, sizeof folder, "%s%s", root, place->path);
      DIR *names = opendir(folder);
      if (names == NULL) continue;
      for (struct dirent *entry; (entry = readdir(names)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (faccessat(place->to, entry->d_name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && hide(place, entry->d_name) != 0) {
          closedir(names);
          return -1;
        }
      }
      closedir(names);
    }
  return 0;
}

/* The first name of a file brings its bytes, the others become names of it. */
static int copy_named(struct place *place, const char *name, const struct stat *status) {
  char path[sizeof HOST "/layer/upper" + sizeof under_way];
  if (status->st_nlink == 1) return copy_file(place->from, place->to, name, status);
  const char *copied = find_copied(status->st_ino);
  if (copied != NULL && linkat(AT_FDCWD, copied, place->to, name, 0) == 0) return 0;
  if (copy_file(place->from, place->to, name, status) != 0) return -1;
  snprintf(path, sizeof path, HOST "/layer/upper%s/%s", place->path, name);
  if (copied == NULL) note_copied(status->st_ino, path);
  return 0;
}

static int copy_file(int from, int to, const char *name, const struct stat *status) {
  int input = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  int output = openat(to, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  int result = input < 0 || output < 0 ? -1 : copy_bytes(input, output, status->st_size);
  if (result == 0) {
    copy_attributes(input, output);
    fchmod(output, status->st_mode & 0777);
    futimens(output, (struct timespec[]){status->st_atim, status->st_mtim});
  }
  if (input >= 0) close(input);
  if (output >= 0 && close(output) != 0) result = -1;
  return result;
}

/* Holes stay holes: a program may make a file far larger than its disk. */
static int copy_bytes(int input, int output, off_t size) {
  static char buffer[1 << 19];
  off_t at = 0;
  while (at < size) {
    off_t data = lseek(input, at, SEEK_DATA);
    if (data < 0) break;
    off_t end = lseek(input, data, SEEK_HOLE);
    while (data < end) {
      size_t want = (size_t)(end - data) < sizeof buffer ? (size_t)(end - data) : sizeof buffer;
      ssize_t length = pread(input, buffer, want, data);
      if (length <= 0 || pwrite(output, buffer, (size_t)length, data) != length) return -1;
      data += length;
    }
    at = end;
  }
  return ftruncate(output, size);
}

/* Wine keeps DOS attributes in user.DOSATTRIB. */
static void copy_attributes(int input, int output) {
  char names[4096], value[4096];
  ssize_t length = flistxattr(input, names, sizeof names);
  for (char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
    if (strncmp(name, "user.", 5) != 0) continue;
    ssize_t size = fgetxattr(input, name, value, sizeof value);
    if (size >= 0) fsetxattr(output, name, value, (size_t)size, 0);
  }
}

static int copy_link(int from, int to, const char *name) {
  char target[PATH_MAX];
  ssize_t length = readlinkat(from, name, target, sizeof target - 1);
  if (length < 0) return -1;
  target[length] = 0;
  return symlinkat(target, to, name);
}

static int remove_all(int folder, const char *name) {
  if (unlinkat(folder, name, 0) == 0 || errno == ENOENT) return 0;
  if (errno != EISDIR && errno != EPERM && errno != ENOTEMPTY) return -1;
  int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *names = inner < 0 ? NULL : fdopendir(inner);
  if (names == NULL) return -1;
  int result = 0;
  for (struct dirent *entry; result == 0 && (entry = readdir(names)) != NULL;)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) result = remove_all(dirfd(names), entry->d_name);
  closedir(names);
  return result == 0 ? unlinkat(folder, name, AT_REMOVEDIR) : -1;
}

static int is_whiteout(const struct stat *status) { return S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0); }

static int is_opaque(int folder) {
  char value = 0;
  return fgetxattr(folder, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}
