#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* What Windows gives a program; of Wine's own environment only these are kept, the rest is Linux' or Wine's. */
static const wchar_t *const windows_names[] = {
    L"ALLUSERSPROFILE", L"CommonProgramFiles", L"CommonProgramFiles(x86)", L"CommonProgramW6432", L"COMPUTERNAME",
    L"ComSpec", L"DriverData", L"NUMBER_OF_PROCESSORS", L"OS", L"Path", L"PATHEXT", L"PROCESSOR_ARCHITECTURE",
    L"PROCESSOR_IDENTIFIER", L"PROCESSOR_LEVEL", L"PROCESSOR_REVISION", L"ProgramData", L"ProgramFiles",
    L"ProgramFiles(x86)", L"ProgramW6432", L"PSModulePath", L"PUBLIC", L"SystemDrive", L"SystemRoot", L"windir",
};

struct variables {
  const wchar_t **items;
  size_t count;
};

static wchar_t *remembered;

static size_t name_length(const wchar_t *item);
static void set(struct variables *variables, const wchar_t *item);

void environment_remember(void) { remembered = GetEnvironmentStringsW(); }

wchar_t *environment_make(bool administrator, wchar_t *const *given, size_t count) {
  static const wchar_t *const administrators[] = {
      L"APPDATA=C:\\Users\\ContainerAdministrator\\AppData\\Roaming",
      L"HOMEDRIVE=C:", L"HOMEPATH=\\Users\\ContainerAdministrator",
      L"LOCALAPPDATA=C:\\Users\\ContainerAdministrator\\AppData\\Local",
      L"TEMP=C:\\Users\\ContainerAdministrator\\AppData\\Local\\Temp",
      L"TMP=C:\\Users\\ContainerAdministrator\\AppData\\Local\\Temp", L"USERDOMAIN=User Manager",
      L"USERNAME=ContainerAdministrator", L"USERPROFILE=C:\\Users\\ContainerAdministrator"};
  static const wchar_t *const users[] = {
      L"APPDATA=C:\\Users\\ContainerUser\\AppData\\Roaming",
      L"HOMEDRIVE=C:", L"HOMEPATH=\\Users\\ContainerUser",
      L"LOCALAPPDATA=C:\\Users\\ContainerUser\\AppData\\Local",
      L"TEMP=C:\\Users\\ContainerUser\\AppData\\Local\\Temp",
      L"TMP=C:\\Users\\ContainerUser\\AppData\\Local\\Temp", L"USERDOMAIN=User Manager",
      L"USERNAME=ContainerUser", L"USERPROFILE=C:\\Users\\ContainerUser"};
  enum { OF_USER = sizeof users / sizeof *users, OF_WINDOWS = sizeof windows_names / sizeof *windows_names };
  struct variables variables = {must_allocate((OF_WINDOWS + OF_USER + count) * sizeof(wchar_t *)), 0};
  for (const wchar_t *item = remembered; item && *item; item += wcslen(item) + 1)
    for (size_t i = 0; i < OF_WINDOWS; i++)
      if (wcslen(windows_names[i]) == name_length(item) && !_wcsnicmp(windows_names[i], item, name_length(item)))
        set(&variables, item);
  for (size_t i = 0; i < OF_USER; i++) set(&variables, administrator ? administrators[i] : users[i]);
  for (size_t i = 0; i < count; i++)
    if (wcschr(given[i], L'=') && name_length(given[i]) > 0) set(&variables, given[i]);
  size_t size = 2;
  for (size_t i = 0; i < variables.count; i++) size += wcslen(variables.items[i]) + 1;
  wchar_t *block = must_allocate(size * sizeof *block), *at = block;
  for (size_t i = 0; i < variables.count; i++) {
    wcscpy(at, variables.items[i]);
    at += wcslen(at) + 1;
  }
  at[0] = at[1] = 0;
  free(variables.items);
  return block;
}

const wchar_t *environment_find(const wchar_t *block, const wchar_t *name) {
  for (const wchar_t *item = block; *item; item += wcslen(item) + 1)
    if (wcslen(name) == name_length(item) && !_wcsnicmp(name, item, name_length(item))) return item + name_length(item) + 1;
  return NULL;
}

/* Windows keeps each drive's folder in a variable like "=C:", so a name may begin with an equals sign. */
static size_t name_length(const wchar_t *item) {
  const wchar_t *equals = item[0] ? wcschr(item + 1, L'=') : NULL;
  return equals ? (size_t)(equals - item) : 0;
}

static void set(struct variables *variables, const wchar_t *item) {
  for (size_t i = 0; i < variables->count; i++)
    if (name_length(variables->items[i]) == name_length(item) && !_wcsnicmp(variables->items[i], item, name_length(item))) {
      variables->items[i] = item;
      return;
    }
  variables->items[variables->count++] = item;
}
