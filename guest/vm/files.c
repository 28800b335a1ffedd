/*
 * A container's files while it runs, asked for by the host: in a process of its own, since a large copy must not hold up the rest.
 * Archives are made and unpacked by the runtime root's tar, as the container's user.
 */
#include "vm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAR "/usr/bin/busybox"

static int port;

static int read_frame(unsigned char *type, unsigned char *data, uint32_t *length);
static int read_all(void *buffer, size_t length);
static int send_frame(unsigned char type, const void *data, size_t length);
static void act(const struct request *request);
static void refuse(const char *path);
static void tell_status(const char *path);
static void send_archive(const char *path);
static void take_archive(const char *path);
static pid_t run_tar(int folder, int input, int output, const char *const *arguments);
static void finish_tar(pid_t tar, const char *path);
static void list_changes(void);
static void list_folder(int folder, const char *path);
static int is_below(const char *path);
static void measure(void);
static long long size_of(int folder);

/* One frame's data and a byte to end it as text. */
static unsigned char incoming[VM_DATA_MAX + 1];

void serve_files(const char *path) {
  static struct request request;
  port = open(path, O_RDWR | O_CLOEXEC);
  for (;;) {
    unsigned char type;
    uint32_t length = 0;
    if (port < 0 || read_frame(&type, incoming, &length) != 0) {
      /* Nobody is there. */
      usleep(20000);
      continue;
    }
    if (type != VM_REQUEST || length > sizeof request.bytes - 1) continue;
    memcpy(request.bytes, incoming, length);
    request.bytes[length] = 0;
    request.length = length;
    act(&request);
  }
}

static void act(const struct request *request) {
  const char *name = request->bytes, *argument = next_string(request, name);
  if (argument == NULL) argument = "";
  if (strcmp(name, "sync") == 0) send_frame(VM_OK, argument, strlen(argument));
  else if (strcmp(name, "stat") == 0) tell_status(argument);
  else if (strcmp(name, "read") == 0) send_archive(argument);
  else if (strcmp(name, "write") == 0) take_archive(argument);
  else if (strcmp(name, "changes") == 0) list_changes();
  else if (strcmp(name, "size") == 0) measure();
  else refuse(name);
}

/* The first word tells the host which of its errors this is. */
static void refuse(const char *path) {
  char text[4200];
  const char *kind = errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? "not-found" : "failed";
  int length = snprintf(text, sizeof text, "%s %s: %s", kind, path, strerror(errno));
  send_frame(VM_FAILED, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

/* NUL-terminated: size, mode (octal), change time in nanoseconds, name, target of a link. */
static void tell_status(const char *path) {
  char name[256], target[4096] = "", text[8192];
  struct stat status;
  int folder = open_parent(path, name, sizeof name);
  if (folder < 0 || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    refuse(path);
    if (folder >= 0) close(folder);
    return;
  }
  if (S_ISLNK(status.st_mode)) {
    ssize_t length = readlinkat(folder, name, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
  }
  close(folder);
  int length = snprintf(text, sizeof text, "%lld%c%o%c%lld%09ld%c%s%c%s", (long long)status.st_size, 0, status.st_mode, 0,
                        (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec, 0, name, 0, target);
  send_frame(VM_OK, text, (size_t)length);
}

static void send_archive(const char *path) {
  static unsigned char buffer[VM_DATA_MAX];
  char name[256];
  struct stat status;
  int folder = open_parent(path, name, sizeof name), tar[2];
  if (folder < 0 || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || pipe2(tar, O_CLOEXEC) != 0) {
    refuse(path);
    if (folder >= 0) close(folder);
    return;
  }
  const char *const arguments[] = {"tar", "-c", "-f", "-", "--", name, NULL};
  pid_t child = run_tar(folder, -1, tar[1], arguments);
  close(folder);
  close(tar[1]);
  for (int cancelled = 0; !cancelled;) {
    ssize_t length = read(tar[0], buffer, sizeof buffer);
    if (length <= 0 || send_frame(VM_DATA, buffer, (size_t)length) != 0) break;
    struct pollfd asked = {.fd = port, .events = POLLIN};
    unsigned char type;
    uint32_t size = 0;
    if (poll(&asked, 1, 0) > 0 && asked.revents & POLLIN && read_frame(&type, incoming, &size) == 0) cancelled = type == VM_CANCEL;
  }
  /* tar ends when nobody reads any more. */
  close(tar[0]);
  finish_tar(child, path);
}

static void take_archive(const char *path) {
  char name[256];
  int parent = open_parent(path, name, sizeof name), tar[2] = {-1, -1};
  int folder = parent < 0 ? -1 : openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  pid_t child = -1;
  if (folder < 0 || pipe2(tar, O_CLOEXEC) != 0) refuse(path);
  else {
    const char *const arguments[] = {"tar", "-x", "-o", "-f", "-", NULL};
    child = run_tar(folder, tar[0], -1, arguments);
  }
  if (parent >= 0) close(parent);
  if (folder >= 0) close(folder);
  if (child < 0) return;
  close(tar[0]);
  /* After an error of tar's the rest is read, and goes nowhere: the host is still sending. */
  unsigned char type;
  uint32_t length = 0;
  for (int open_end = 1; read_frame(&type, incoming, &length) == 0 && type == VM_DATA;) {
    for (uint32_t done = 0; open_end && done < length;) {
      ssize_t written = write(tar[1], incoming + done, length - done);
      if (written <= 0) open_end = 0;
      else done += (uint32_t)written;
    }
  }
  close(tar[1]);
  finish_tar(child, path);
}

static pid_t run_tar(int folder, int input, int output, const char *const *arguments) {
  pid_t child = fork();
  if (child != 0) return child;
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (dup2(input < 0 ? null : input, 0) < 0 || dup2(output < 0 ? null : output, 1) < 0 || dup2(null, 2) < 0) _exit(126);
  if (fchdir(folder) != 0 || chroot(ROOT) != 0 || setgid(VM_USER) != 0 || setuid(VM_USER) != 0) _exit(126);
  execv(TAR, (char *const *)arguments);
  _exit(127);
}

static void finish_tar(pid_t tar, const char *path) {
  int status = 0;
  while (waitpid(tar, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) send_frame(VM_OK, "", 0);
  else {
    errno = EIO;
    refuse(path);
  }
}

/* A letter (A added, C changed, D deleted) and a path below drive_c, ended by NUL, for each. */
static void list_changes(void) {
  for (int layer = 0; layer < 2; layer++) {
    int folder = open(layer == 0 ? DISK "/upper/drive_c" : HOST "/layer/upper/drive_c", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) continue;
    list_folder(folder, "");
    close(folder);
  }
  send_frame(VM_OK, "", 0);
}

static void list_folder(int folder, const char *path) {
  int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *names = copy < 0 ? NULL : fdopendir(copy);
  for (struct dirent *entry; names != NULL && (entry = readdir(names)) != NULL;) {
    char full[4096], line[4200], now[4300];
    struct stat status, current;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (snprintf(full, sizeof full, "%s/%s", path, entry->d_name) >= (int)sizeof full) continue;
    if (fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    snprintf(now, sizeof now, STATE "/drive_c%s", full);
    int is_there = lstat(now, &current) == 0, was_there = is_below(full);
    if (is_there || was_there) {
      int length = snprintf(line, sizeof line, "%c%s", !is_there ? 'D' : was_there ? 'C' : 'A', full);
      send_frame(VM_DATA, line, (size_t)length + 1);
    }
    if (!S_ISDIR(status.st_mode)) continue;
    int inner = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner >= 0) {
      list_folder(inner, full);
      close(inner);
    }
  }
  if (names != NULL) closedir(names);
}

/* In a layer of the image: the topmost that knows the name decides. */
static int is_below(const char *path) {
  for (int kind = 0; kind < 2; kind++)
    for (int i = 0;; i++) {
      char root[64], full[4300];
      struct stat status;
      snprintf(root, sizeof root, kind == 0 ? HOST "/layer/lower/%d" : "/base/%d", i);
      if (access(root, F_OK) != 0) break;
      snprintf(full, sizeof full, "%s/drive_c%s", root, path);
      if (lstat(full, &status) == 0) return !S_ISCHR(status.st_mode);
    }
  return 0;
}

static void measure(void) {
  char text[32];
  long long total = 0;
  for (int layer = 0; layer < 2; layer++) {
    int folder = open(layer == 0 ? DISK "/upper" : HOST "/layer/upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) continue;
    total += size_of(folder);
    close(folder);
  }
  send_frame(VM_OK, text, (size_t)snprintf(text, sizeof text, "%lld", total));
}

static long long size_of(int folder) {
  int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *names = copy < 0 ? NULL : fdopendir(copy);
  long long total = 0;
  for (struct dirent *entry; names != NULL && (entry = readdir(names)) != NULL;) {
    struct stat status;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(status.st_mode)) total += status.st_size;
    if (!S_ISDIR(status.st_mode)) continue;
    int inner = openat(folder, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0) continue;
    total += size_of(inner);
    close(inner);
  }
  if (names != NULL) closedir(names);
  return total;
}

/* -1 when the host has gone in the middle, or sends what cannot be. */
static int read_frame(unsigned char *type, unsigned char *data, uint32_t *length) {
  unsigned char head[5];
  if (read_all(head, sizeof head) != 0) return -1;
  memcpy(length, head, 4);
  *type = head[4];
  if (*length < 1 || *length > VM_DATA_MAX + 1) return -1;
  *length -= 1;
  return read_all(data, *length);
}

static int read_all(void *buffer, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t count = read(port, (char *)buffer + done, length - done);
    if (count == 0 || (count < 0 && errno != EINTR)) return -1;
    if (count > 0) done += (size_t)count;
  }
  return 0;
}

static int send_frame(unsigned char type, const void *data, size_t length) {
  static unsigned char frame[VM_DATA_MAX + 5];
  uint32_t size = (uint32_t)length + 1;
  memcpy(frame, &size, 4);
  frame[4] = type;
  memcpy(frame + 5, data, length);
  for (size_t done = 0; done < length + 5;) {
    ssize_t count = write(port, frame + done, length + 5 - done);
    if (count < 0 && errno != EINTR) return -1;
    if (count > 0) done += (size_t)count;
  }
  return 0;
}
