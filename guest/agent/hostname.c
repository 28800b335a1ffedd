#include "agent.h"

#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

static void set_value(const wchar_t *key, const wchar_t *value, const wchar_t *text);

/*
 * A sandbox that was prepared before its container was known, and one that a template gave, has another name than it was born with.
 * Wine asks the kernel for its own name only at its first start, and answers from the registry and the environment from then on.
 */
void hostname_set(const unsigned char *name, size_t length) {
  wchar_t *host = wide_from_utf8((const char *)name, length), computer[MAX_COMPUTERNAME_LENGTH + 1] = {0};
  /* The NetBIOS name of a computer is its host name's first 15 letters in upper case. */
  wcsncpy(computer, host, MAX_COMPUTERNAME_LENGTH);
  for (wchar_t *at = computer; *at; at++) *at = towupper(*at);
  set_value(L"System\\CurrentControlSet\\Control\\ComputerName\\ComputerName", L"ComputerName", computer);
  set_value(L"System\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName", L"ComputerName", computer);
  set_value(L"System\\CurrentControlSet\\Services\\Tcpip\\Parameters", L"Hostname", host);
  set_value(L"System\\CurrentControlSet\\Services\\Tcpip\\Parameters", L"NV Hostname", host);
  SetEnvironmentVariableW(L"COMPUTERNAME", computer);
  environment_remember();
  free(host);
}

static void set_value(const wchar_t *key, const wchar_t *value, const wchar_t *text) {
  HKEY opened;
  if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, key, 0, KEY_SET_VALUE, &opened)) return;
  RegSetValueExW(opened, value, 0, REG_SZ, (const BYTE *)text, (DWORD)((wcslen(text) + 1) * sizeof *text));
  RegCloseKey(opened);
}
