#include "agent.h"

HANDLE user_token(void) {
  static HANDLE restricted;
  if (restricted) return restricted;
  HANDLE own;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &own)) return NULL;
  struct {
    SID sid;
    DWORD more[SID_MAX_SUB_AUTHORITIES];
  } administrators, power_users;
  DWORD size = sizeof administrators;
  CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, &administrators, &size);
  size = sizeof power_users;
  CreateWellKnownSid(WinBuiltinPowerUsersSid, NULL, &power_users, &size);
  SID_AND_ATTRIBUTES disabled[] = {{&administrators, 0}, {&power_users, 0}};
  if (!CreateRestrictedToken(own, DISABLE_MAX_PRIVILEGE, 2, disabled, 0, NULL, 0, NULL, &restricted)) restricted = NULL;
  DWORD error = GetLastError();
  CloseHandle(own);
  SetLastError(error);
  return restricted;
}
