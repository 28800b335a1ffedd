#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { PATH_LIMIT = 32768 };

static wchar_t *find_first_word(const struct request *request, const wchar_t **rest);
static wchar_t *find(const wchar_t *name, size_t length, const struct request *request);
static wchar_t *find_in_list(const wchar_t *list, const wchar_t *name, const struct request *request);
static wchar_t *find_in(const wchar_t *folder, size_t folder_length, const wchar_t *name, const struct request *request);
static wchar_t *with_extension(wchar_t *path, const struct request *request);
static bool is_file(const wchar_t *path);
static bool has_path(const wchar_t *name);
static bool is_absolute(const wchar_t *name);

bool lookup_program(const struct request *request, struct invocation *invocation) {
  const wchar_t *rest;
  wchar_t *file = find_first_word(request, &rest);
  if (!file) return false;
  const wchar_t *extension = wcsrchr(file, L'.');
  bool script = extension && (!_wcsicmp(extension, L".cmd") || !_wcsicmp(extension, L".bat"));
  size_t length = wcslen(request->command) + wcslen(file) + 32;
  invocation->command = must_allocate(length * sizeof(wchar_t));
  if (!script) {
    invocation->file = file;
    wcscpy(invocation->command, request->command);
    return true;
  }
  swprintf(invocation->command, length, L"cmd.exe /s /c \"\"%ls\"%ls\"", file, rest);
  free(file);
  invocation->file = wide_from_utf8("C:\\windows\\system32\\cmd.exe", 27);
  return true;
}

/* `rest`: what follows it. */
static wchar_t *find_first_word(const struct request *request, const wchar_t **rest) {
  const wchar_t *command = request->command;
  while (*command == L' ' || *command == L'\t') command++;
  if (*command == L'"') {
    const wchar_t *end = wcschr(command + 1, L'"');
    if (!end) end = command + wcslen(command);
    *rest = *end ? end + 1 : end;
    return find(command + 1, (size_t)(end - command - 1), request);
  }
  /* As CreateProcess: `C:\Program Files\a b` is tried as `C:\Program`, then as `C:\Program Files\a`, and so on. */
  for (const wchar_t *end = command;; end++) {
    if (*end && *end != L' ' && *end != L'\t') continue;
    wchar_t *found = end > command ? find(command, (size_t)(end - command), request) : NULL;
    *rest = end;
    if (found || !*end) return found;
  }
}

static wchar_t *find(const wchar_t *start, size_t length, const struct request *request) {
  wchar_t *name = must_allocate((length + 1) * sizeof *name);
  memcpy(name, start, length * sizeof *name);
  name[length] = 0;
  for (wchar_t *at = name; *at; at++)
    if (*at == L'/') *at = L'\\';
  wchar_t *found = NULL;
  if (length == 0) found = NULL;
  else if (is_absolute(name)) found = find_in(L"", 0, name, request);
  else {
    found = find_in(request->cwd, wcslen(request->cwd), name, request);
    if (!found && !has_path(name)) found = find_in_list(L"C:\\windows\\system32;C:\\windows", name, request);
    const wchar_t *path = environment_find(request->environment, L"Path");
    if (!found && !has_path(name) && path) found = find_in_list(path, name, request);
  }
  free(name);
  return found;
}

static wchar_t *find_in_list(const wchar_t *list, const wchar_t *name, const struct request *request) {
  for (;;) {
    const wchar_t *end = wcschr(list, L';');
    const wchar_t *from = list, *to = end ? end : list + wcslen(list);
    if (to - from >= 2 && *from == L'"' && to[-1] == L'"') from++, to--;
    wchar_t *found = to > from ? find_in(from, (size_t)(to - from), name, request) : NULL;
    if (found || !end) return found;
    list = end + 1;
  }
}

static wchar_t *find_in(const wchar_t *folder, size_t folder_length, const wchar_t *name, const struct request *request) {
  size_t length = folder_length + 1 + wcslen(name);
  if (length + 64 > PATH_LIMIT) return NULL;
  wchar_t *path = must_allocate((length + 64) * sizeof *path);
  memcpy(path, folder, folder_length * sizeof *path);
  path[folder_length] = 0;
  if (folder_length > 0 && folder[folder_length - 1] != L'\\') wcscat(path, L"\\");
  if (folder_length > 0 && name[0] == L'\\') path[2] = 0;
  wcscat(path, name);
  return with_extension(path, request);
}

/* `path` has room for 64 more characters, and is freed when nothing is found. */
static wchar_t *with_extension(wchar_t *path, const struct request *request) {
  const wchar_t *base = wcsrchr(path, L'\\');
  if (wcschr(base ? base : path, L'.') && is_file(path)) return path;
  size_t length = wcslen(path);
  wcscpy(path + length, L".exe");
  if (is_file(path)) return path;
  const wchar_t *extensions = environment_find(request->environment, L"PATHEXT");
  if (!extensions) extensions = L".COM;.EXE;.BAT;.CMD";
  for (const wchar_t *at = extensions; *at;) {
    size_t count = wcscspn(at, L";");
    if (count > 0 && count < 60) {
      memcpy(path + length, at, count * sizeof *path);
      path[length + count] = 0;
      if (is_file(path)) return path;
    }
    at += count + (at[count] == L';');
  }
  free(path);
  return NULL;
}

static bool is_file(const wchar_t *path) {
  DWORD attributes = GetFileAttributesW(path);
  return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static bool has_path(const wchar_t *name) { return wcschr(name, L'\\') || wcschr(name, L':'); }

static bool is_absolute(const wchar_t *name) { return name[1] == L':' || (name[0] == L'\\' && name[1] == L'\\'); }
