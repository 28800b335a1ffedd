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

static DWORD speed_of_first(DWORD count);
static void name_of_processor(char name[49]);

/*
 * The keys that Windows makes at every boot, and that Wine's wineboot, which does not run in a sandbox, would make: libuv counts
 * them for os.cpus(), and other programs take a processor's name from there.
 */
void processors_describe(void) {
  SYSTEM_INFO system;
  GetSystemInfo(&system);
  DWORD mhz = speed_of_first(system.dwNumberOfProcessors);
  char name[49];
  name_of_processor(name);
  HKEY parent;
  const wchar_t *path = L"Hardware\\Description\\System\\CentralProcessor";
  if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, NULL, &parent, NULL)) return;
  for (DWORD index = 0; index < system.dwNumberOfProcessors; index++) {
    wchar_t number[12];
    swprintf(number, 12, L"%u", (unsigned)index);
    HKEY key;
    if (RegCreateKeyExW(parent, number, 0, NULL, REG_OPTION_VOLATILE, KEY_SET_VALUE, NULL, &key, NULL)) break;
    RegSetValueExA(key, "ProcessorNameString", 0, REG_SZ, (const BYTE *)name, (DWORD)strlen(name) + 1);
    RegSetValueExW(key, L"~MHz", 0, REG_DWORD, (const BYTE *)&mhz, sizeof mhz);
    RegCloseKey(key);
  }
  RegCloseKey(parent);
}

static DWORD speed_of_first(DWORD count) {
  struct power_information *each = calloc(count, sizeof *each);
  DWORD mhz = 0;
  if (each && !NtPowerInformation(PROCESSOR_INFORMATION, NULL, 0, each, (ULONG)(count * sizeof *each))) mhz = each[0].max_mhz;
  free(each);
  return mhz;
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
