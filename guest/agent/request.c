#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static DWORD take(struct request *request, const char *key, size_t key_length, const char *value, size_t length);
static bool is(const char *key, size_t length, const char *name);

DWORD request_parse(const struct frame *frame, struct request *request) {
  *request = (struct request){0};
  const char *text = (const char *)frame->payload, *end = text + frame->length;
  size_t limit = 0, count = 0;
  for (const char *at = text; at < end; at++) limit += *at == 0;
  wchar_t **environment = must_allocate((limit + 1) * sizeof *environment);
  DWORD error = frame->length > 0 && end[-1] == 0 ? 0 : ERROR_INVALID_PARAMETER;
  while (!error && text < end) {
    size_t length = strlen(text);
    const char *equals = memchr(text, '=', length);
    if (!equals) error = ERROR_INVALID_PARAMETER;
    else if (is(text, (size_t)(equals - text), "env"))
      environment[count++] = wide_from_utf8(equals + 1, length - (size_t)(equals + 1 - text));
    else error = take(request, text, (size_t)(equals - text), equals + 1, length - (size_t)(equals + 1 - text));
    text += length + 1;
  }
  if (!error && !request->command) error = ERROR_INVALID_PARAMETER;
  if (!request->cwd) request->cwd = wide_from_utf8("C:\\", 3);
  request->environment = environment_make(request->administrator, environment, count);
  while (count > 0) free(environment[--count]);
  free(environment);
  return error;
}

void request_free(struct request *request) {
  free(request->command);
  free(request->cwd);
  free(request->environment);
}

static DWORD take(struct request *request, const char *key, size_t key_length, const char *value, size_t length) {
  if (is(key, key_length, "command")) {
    free(request->command);
    request->command = wide_from_utf8(value, length);
  } else if (is(key, key_length, "cwd")) {
    free(request->cwd);
    request->cwd = wide_from_utf8(value, length);
  } else if (is(key, key_length, "user")) {
    request->administrator = _stricmp(value, "ContainerAdministrator") == 0;
    if (!request->administrator && _stricmp(value, "ContainerUser") != 0) return ERROR_NO_SUCH_USER;
  } else if (is(key, key_length, "stdin")) {
    request->has_stdin = strcmp(value, "1") == 0;
  } else if (is(key, key_length, "terminal")) {
    char *after;
    unsigned long columns = strtoul(value, &after, 10);
    unsigned long rows = *after == 'x' ? strtoul(after + 1, NULL, 10) : 0;
    if (columns < 1 || rows < 1 || columns > 9999 || rows > 9999) return ERROR_INVALID_PARAMETER;
    request->has_terminal = true;
    request->size = (COORD){(SHORT)columns, (SHORT)rows};
  }
  return 0;
}

static bool is(const char *key, size_t length, const char *name) {
  return strlen(name) == length && memcmp(key, name, length) == 0;
}
