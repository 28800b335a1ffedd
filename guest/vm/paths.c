/* Windows paths in the container's file system: matched without regard to case, and no link in them leads out of it. */
#include "vm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_drive(char letter);
static int spelling_of(int folder, const char *name, char *found, size_t size);

/* C: is a folder of the layers, the other drives are folders of the host. */
static int open_drive(char letter) {
  char path[64] = STATE "/drive_c";
  if ((letter | 32) != 'c') snprintf(path, sizeof path, DRIVES "/%c", letter | 32);
  return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int open_parent(const char *path, char *name, size_t size) {
  if ((path[0] | 32) < 'a' || (path[0] | 32) > 'z' || path[1] != ':') {
    errno = ENOENT;
    return -1;
  }
  int folder = open_drive(path[0]);
  const char *at = path + 2;
  snprintf(name, size, ".");
  while (folder >= 0) {
    at += strspn(at, "\\/");
    size_t length = strcspn(at, "\\/");
    if (length == 0) return folder;
    char wanted[256];
    if (length >= sizeof wanted || (at[0] == '.' && at[1] == '.' && length == 2)) break;
    snprintf(wanted, sizeof wanted, "%.*s", (int)length, at);
    at += length;
    if (spelling_of(folder, wanted, name, size) != 0) snprintf(name, size, "%s", wanted);
    if (at[strspn(at, "\\/")] == 0) return folder;
    /* A link is never followed: it could lead anywhere in the guest. */
    int next = openat(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(folder);
    folder = next;
  }
  if (folder >= 0) {
    close(folder);
    errno = EINVAL;
  }
  return -1;
}

int make_windows_path(const char *path, int is_file, char *place, size_t size) {
  size_t used = (size_t)snprintf(place, size, STATE "/drive_c");
  const char *at = path + 2;
  for (;;) {
    at += strspn(at, "\\/");
    size_t length = strcspn(at, "\\/");
    if (length == 0) return 0;
    char wanted[256], name[256];
    if (length >= sizeof wanted || (at[0] == '.' && at[1] == '.' && length == 2)) break;
    snprintf(wanted, sizeof wanted, "%.*s", (int)length, at);
    at += length;
    int last = at[strspn(at, "\\/")] == 0;
    int folder = open(place, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return -1;
    if (spelling_of(folder, wanted, name, sizeof name) != 0) {
      snprintf(name, sizeof name, "%s", wanted);
      int made = last && is_file ? mknodat(folder, name, S_IFREG | 0644, 0) : mkdirat(folder, name, 0755);
      if (made != 0 || fchownat(folder, name, VM_USER, VM_USER, AT_SYMLINK_NOFOLLOW) != 0) {
        close(folder);
        return -1;
      }
    }
    close(folder);
    used += (size_t)snprintf(place + used, size - used, "/%s", name);
    if (used >= size) break;
  }
  errno = EINVAL;
  return -1;
}

/* The name in this folder that Windows takes for `name`: the exact one where there is one. ASCII letters only fold here. */
static int spelling_of(int folder, const char *name, char *found, size_t size) {
  struct stat status;
  if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0) return snprintf(found, size, "%s", name) < (int)size ? 0 : -1;
  int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *names = copy < 0 ? NULL : fdopendir(copy);
  if (names == NULL) return -1;
  int result = -1;
  for (struct dirent *entry; result != 0 && (entry = readdir(names)) != NULL;)
    if (strcasecmp(entry->d_name, name) == 0) result = snprintf(found, size, "%s", entry->d_name) < (int)size ? 0 : -1;
  closedir(names);
  return result;
}
