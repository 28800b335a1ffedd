#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <winternl.h>

/* Where KUSER_SHARED_DATA, which every process sees at 0x7ffe0000, holds what no header of MinGW's describes. */
enum {
  SYSTEM_ROOT = 0x30,
  BUILD_NUMBER = 0x260,
  PRODUCT_TYPE = 0x264,
  PRODUCT_TYPE_IS_VALID = 0x268,
  MAJOR_VERSION = 0x26c,
  MINOR_VERSION = 0x270,
  SUITE_MASK = 0x2d0,
  SHARED_DATA_SIZE = 0x1000,
};

enum { SERVICES_LIMIT_MS = 60000, RENAMES_MAX = 1 << 20 };

/* winternl.h has none of these. */
NTSTATUS NTAPI NtCreateEvent(HANDLE *event, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes, int type, BOOLEAN state);
NTSTATUS NTAPI NtOpenSection(HANDLE *section, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes);
NTSTATUS NTAPI RtlGetVersion(RTL_OSVERSIONINFOEXW *version);
enum { NOTIFICATION_EVENT = 0 };

static void tell_that_booted(void);
static void share_version(void);
static void rename_what_was_left(void);
static void rename_pairs(wchar_t *from, const wchar_t *end);
static wchar_t *dos_name(wchar_t *name);
static void start_services(void);

/*
 * What has to be done once, before the first program of a sandbox. Wine would start wineboot.exe for it, a process that also looks for
 * an update, start-up folders, known DLLs and the internet settings, and costs more than all that is done here. A base has no wineboot.exe:
 * the first process does not find it, and goes on.
 */
void boot(void) {
  tell_that_booted();
  share_version();
  processors_describe();
  rename_what_was_left();
  start_services();
}

/* Every process waits for this event, and looks for wineboot.exe when there is none. It lives as long as this process. */
static void tell_that_booted(void) {
  UNICODE_STRING name;
  RtlInitUnicodeString(&name, L"\\KernelObjects\\__wineboot_event");
  OBJECT_ATTRIBUTES attributes;
  InitializeObjectAttributes(&attributes, &name, OBJ_OPENIF, NULL, NULL);
  HANDLE event;
  NTSTATUS status = NtCreateEvent(&event, EVENT_ALL_ACCESS, &attributes, NOTIFICATION_EVENT, TRUE);
  /* It may be there: the process that did not find wineboot.exe made it, and nobody would ever set it. */
  if (status < 0) channel_say("cannot make the boot event: status 0x%lx", (unsigned long)status);
  else SetEvent(event);
}

/* Programs, and Windows' own run-time libraries, read the version there without a call. */
static void share_version(void) {
  UNICODE_STRING name;
  RtlInitUnicodeString(&name, L"\\KernelObjects\\__wine_user_shared_data");
  OBJECT_ATTRIBUTES attributes;
  InitializeObjectAttributes(&attributes, &name, 0, NULL, NULL);
  HANDLE section;
  if (NtOpenSection(&section, SECTION_MAP_WRITE | SECTION_MAP_READ, &attributes)) return;
  unsigned char *data = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, SHARED_DATA_SIZE);
  CloseHandle(section);
  if (!data) return;
  RTL_OSVERSIONINFOEXW version = {.dwOSVersionInfoSize = sizeof version};
  RtlGetVersion(&version);
  const ULONG product = version.wProductType, suites = version.wSuiteMask;
  memcpy(data + BUILD_NUMBER, &version.dwBuildNumber, sizeof(ULONG));
  memcpy(data + PRODUCT_TYPE, &product, sizeof product);
  data[PRODUCT_TYPE_IS_VALID] = TRUE;
  memcpy(data + MAJOR_VERSION, &version.dwMajorVersion, sizeof(ULONG));
  memcpy(data + MINOR_VERSION, &version.dwMinorVersion, sizeof(ULONG));
  memcpy(data + SUITE_MASK, &suites, sizeof suites);
  wcscpy((wchar_t *)(data + SYSTEM_ROOT), L"C:\\windows");
  UnmapViewOfFile(data);
}

/* Renames and deletions that a program asked for "at the next boot" (MoveFileEx): installers replace files in use so. */
static void rename_what_was_left(void) {
  static const wchar_t *const value = L"PendingFileRenameOperations";
  HKEY key;
  const wchar_t *path = L"System\\CurrentControlSet\\Control\\Session Manager";
  if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE | KEY_SET_VALUE, &key)) return;
  DWORD size = 0;
  if (!RegQueryValueExW(key, value, NULL, NULL, NULL, &size) && size <= RENAMES_MAX) {
    /* Longer than the value, so that the last pair ends, whatever the value ends with. */
    wchar_t *text = must_allocate(size + 3 * sizeof *text);
    memset(text, 0, size + 3 * sizeof *text);
    if (!RegQueryValueExW(key, value, NULL, NULL, (BYTE *)text, &size)) rename_pairs(text, text + size / sizeof *text);
    free(text);
    RegDeleteValueW(key, value);
  }
  RegCloseKey(key);
}

/* Old name, new name, old name, ...; an empty new name deletes, "!" before it replaces a file of that name. */
static void rename_pairs(wchar_t *from, const wchar_t *end) {
  while (from < end && *from) {
    wchar_t *to = from + wcslen(from) + 1, *next = to + wcslen(to) + 1;
    const DWORD flags = *to == L'!' ? MOVEFILE_REPLACE_EXISTING : 0;
    if (flags) to++;
    if (*to) MoveFileExW(dos_name(from), dos_name(to), flags);
    else if (!RemoveDirectoryW(dos_name(from))) DeleteFileW(from);
    from = next;
  }
}

/* The same file as the kernel's name for it, in the form that Win32 takes. */
static wchar_t *dos_name(wchar_t *name) {
  if (!wcsncmp(name, L"\\??\\", 4)) name[1] = L'\\';
  return name;
}

/* The service manager, and with it the drivers for volumes and network interfaces. */
static void start_services(void) {
  HANDLE started = CreateEventW(NULL, TRUE, FALSE, L"__wine_SvcctlStarted");
  STARTUPINFOW startup = {.cb = sizeof startup};
  PROCESS_INFORMATION process;
  wchar_t command[] = L"C:\\windows\\system32\\services.exe";
  if (!CreateProcessW(command, command, NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL, &startup, &process)) {
    channel_say("cannot start the service manager: error %lu", GetLastError());
    return;
  }
  const HANDLE either[] = {started, process.hProcess};
  if (WaitForMultipleObjects(2, either, FALSE, SERVICES_LIMIT_MS) != WAIT_OBJECT_0) channel_say("the service manager did not start");
  CloseHandle(process.hThread);
  CloseHandle(process.hProcess);
  CloseHandle(started);
}
