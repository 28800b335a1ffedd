#include "agent.h"

#include <cpuid.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <winternl.h>

/* winternl.h has neither. */
NTSTATUS NTAPI NtPowerInformation(int level, void *input, ULONG input_length, void *output, ULONG output_length);
enum { PROCESSOR_INFORMATION = 11 };

struct power_information {
  ULONG number, max_mhz, current_mhz, mhz_limit, max_idle_state, current_idle_state;
};

static void describe_to_programs(const SYSTEM_INFO *system, const wchar_t *identifier);
static void set_text(HKEY key, const wchar_t *name, const wchar_t *text);
static DWORD speed_of_first(DWORD count);
static void name_of_vendor(wchar_t name[13]);
static void name_of_processor(char name[49]);

/*
 * What Windows writes at every boot: libuv counts these keys for os.cpus(), and other programs take a processor's name from there. A base was
 * made on another machine, maybe.
 */
void processors_describe(void) {
  SYSTEM_INFO system;
  GetSystemInfo(&system);
  DWORD mhz = speed_of_first(system.dwNumberOfProcessors);
  char name[49];
  wchar_t vendor[13], identifier[64];
  name_of_processor(name);
  name_of_vendor(vendor);
  const wchar_t *family = wcscmp(vendor, L"GenuineIntel") ? L"AMD64" : L"Intel64";
  swprintf(identifier, 64, L"%ls Family %u Model %u Stepping %u", family, system.wProcessorLevel,
           system.wProcessorRevision >> 8, system.wProcessorRevision & 0xff);
  HKEY parent;
  const wchar_t *path = L"Hardware\\Description\\System\\CentralProcessor";
  if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, NULL, &parent, NULL)) return;
  for (DWORD index = 0; index < system.dwNumberOfProcessors; index++) {
    wchar_t number[12];
    swprintf(number, 12, L"%u", (unsigned)index);
    HKEY key;
    if (RegCreateKeyExW(parent, number, 0, NULL, REG_OPTION_VOLATILE, KEY_SET_VALUE, NULL, &key, NULL)) break;
    RegSetValueExA(key, "ProcessorNameString", 0, REG_SZ, (const BYTE *)name, (DWORD)strlen(name) + 1);
    set_text(key, L"Identifier", identifier);
    set_text(key, L"VendorIdentifier", vendor);
    RegSetValueExW(key, L"~MHz", 0, REG_DWORD, (const BYTE *)&mhz, sizeof mhz);
    RegCloseKey(key);
  }
  RegCloseKey(parent);
  wcscat(wcscat(identifier, L", "), vendor);
  describe_to_programs(&system, identifier);
}

/* The variables that every program is given, of this process and of the system. */
static void describe_to_programs(const SYSTEM_INFO *system, const wchar_t *identifier) {
  wchar_t level[12], revision[12], count[12];
  swprintf(level, 12, L"%u", system->wProcessorLevel);
  swprintf(revision, 12, L"%04x", system->wProcessorRevision);
  swprintf(count, 12, L"%u", (unsigned)system->dwNumberOfProcessors);
  const wchar_t *const variables[][2] = {{L"PROCESSOR_IDENTIFIER", identifier},
                                         {L"PROCESSOR_LEVEL", level},
                                         {L"PROCESSOR_REVISION", revision},
                                         {L"NUMBER_OF_PROCESSORS", count}};
  HKEY key;
  const wchar_t *path = L"System\\CurrentControlSet\\Control\\Session Manager\\Environment";
  const bool opened = !RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_SET_VALUE, &key);
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
    SetEnvironmentVariableW(variables[i][0], variables[i][1]);
    if (opened) set_text(key, variables[i][0], variables[i][1]);
  }
  if (opened) RegCloseKey(key);
}

static void set_text(HKEY key, const wchar_t *name, const wchar_t *text) {
  RegSetValueExW(key, name, 0, REG_SZ, (const BYTE *)text, (DWORD)((wcslen(text) + 1) * sizeof *text));
}

static DWORD speed_of_first(DWORD count) {
  struct power_information *each = calloc(count, sizeof *each);
  DWORD mhz = 0;
  if (each && !NtPowerInformation(PROCESSOR_INFORMATION, NULL, 0, each, (ULONG)(count * sizeof *each))) mhz = each[0].max_mhz;
  free(each);
  return mhz;
}

static void name_of_vendor(wchar_t name[13]) {
  unsigned highest, words[3] = {0};
  __get_cpuid(0, &highest, &words[0], &words[2], &words[1]);
  for (unsigned i = 0; i < 12; i++) name[i] = (wchar_t)((const unsigned char *)words)[i];
  name[12] = 0;
}

/* The brand string of CPUID, empty where the processor has none. */
static void name_of_processor(char name[49]) {
  memset(name, 0, 49);
  unsigned a, b, c, d;
  if (!__get_cpuid(0x80000000, &a, &b, &c, &d) || a < 0x80000004) return;
  for (unsigned part = 0; part < 3; part++) {
    unsigned *words = (unsigned *)(name + part * 16);
    __cpuid(0x80000002 + part, words[0], words[1], words[2], words[3]);
  }
}
