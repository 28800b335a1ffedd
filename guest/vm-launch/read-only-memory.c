/*
 * Loaded into QEMU (LD_PRELOAD) when a VM starts from a template: it opens the template's memory file for reading only. QEMU 7.2 asks
 * for writing although it maps the file privately, and a QEMU that a guest took over could then write into all later copies.
 * From 8.2 on QEMU can be told so itself (readonly=on,rom=off).
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef int (*open_function)(const char *, int, ...);

static int open_as(const char *name, const char *path, int flags, mode_t mode) {
  const char *memory = getenv("WINDOWBOX_MEMORY");
  if (memory != NULL && strcmp(path, memory) == 0) flags = (flags & ~(O_ACCMODE | O_CREAT)) | O_RDONLY;
  open_function real = (open_function)dlsym(RTLD_NEXT, name);
  return real == NULL ? -1 : real(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list values;
  va_start(values, flags);
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(values, mode_t) : 0;
  va_end(values);
  return open_as("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list values;
  va_start(values, flags);
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(values, mode_t) : 0;
  va_end(values);
  return open_as("open64", path, flags, mode);
}

/* What a program that was compiled with its own checks (_FORTIFY_SOURCE) calls instead. */
int __open64_2(const char *path, int flags) { return open_as("open64", path, flags, 0); }

int __open_2(const char *path, int flags) { return open_as("open", path, flags, 0); }
