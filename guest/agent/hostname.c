#include "agent.h"

#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

static void set_value(const wchar_t *key, DWORD options, const wchar_t *value, const wchar_t *text);

/* Wine answers from the registry and the environment what the computer is called, whatever the kernel says. */
void hostname_set(const unsigned char *name, size_t length) {
  wchar_t *host = wide_from_utf8((const char *)name, length), computer[MAX_COMPUTERNAME_LENGTH + 1] = {0};
  /* The NetBIOS name of a computer is its host name's first 15 letters in upper case. */
  wcsncpy(computer, host, MAX_COMPUTERNAME_LENGTH);
  for (wchar_t *at = computer; *at; at++) *at = towupper(*at);
  set_value(L"System\\CurrentControlSet\\Control\\ComputerName\\ComputerName", 0, L"ComputerName", computer);
  set_value(L"System\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName", REG_OPTION_VOLATILE, L"ComputerName", computer);
  set_value(L"System\\CurrentControlSet\\Services\\Tcpip\\Parameters", 0, L"Hostname", host);
  set_value(L"System\\CurrentControlSet\\Services\\Tcpip\\Parameters", 0, L"NV Hostname", host);
  SetEnvironmentVariableW(L"COMPUTERNAME", computer);
  environment_remember();
  free(host);
}

static void set_value(const wchar_t *key, DWORD options, const wchar_t *value, const wchar_t *text) {
  HKEY opened;
  if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, key, 0, NULL, options, KEY_SET_VALUE, NULL, &opened, NULL)) return;
  RegSetValueExW(opened, value, 0, REG_SZ, (const BYTE *)text, (DWORD)((wcslen(text) + 1) * sizeof *text));
  RegCloseKey(opened);
}
