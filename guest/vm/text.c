/* Small things that every file of vm-init needs: strings of a request, reasons, folders. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *next_string(const struct request *request, const char *at) {
  const char *end = request->bytes + request->length;
  const char *next = at == NULL ? request->bytes : at + strlen(at) + 1;
  return next < end ? next : NULL;
}

const char *value_of(const struct request *request, const char *key) {
  size_t length = strlen(key);
  for (const char *at = next_string(request, NULL); at != NULL; at = next_string(request, at))
    if (strncmp(at, key, length) == 0 && at[length] == '=') return at + length + 1;
  return NULL;
}

int fail(struct answer *answer, const char *what, const char *which) {
  snprintf(answer->text, sizeof answer->text, "%s \"%s\": %s", what, which, strerror(errno));
  return -1;
}

int make_folders(const char *path, mode_t mode) {
  char part[4096];
  if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part) return -1;
  for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdir(part, mode) != 0 && errno != EEXIST) return -1;
    *slash = '/';
  }
  return mkdir(part, mode) != 0 && errno != EEXIST ? -1 : 0;
}

int write_text(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return -1;
  size_t length = strlen(text);
  int result = write(file, text, length) == (ssize_t)length ? 0 : -1;
  return close(file) == 0 ? result : -1;
}
