#include "agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const char *own_text(DWORD error);

void *must_allocate(size_t size) {
  void *memory = malloc(size ? size : 1);
  if (!memory) ExitProcess(1);
  return memory;
}

wchar_t *wide_from_utf8(const char *text, size_t length) {
  int count = length ? MultiByteToWideChar(CP_UTF8, 0, text, (int)length, NULL, 0) : 0;
  wchar_t *wide = must_allocate(((size_t)count + 1) * sizeof *wide);
  if (count > 0) MultiByteToWideChar(CP_UTF8, 0, text, (int)length, wide, count);
  wide[count] = 0;
  return wide;
}

char *utf8_from_wide(const wchar_t *text) {
  int count = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
  char *narrow = must_allocate((size_t)count + 1);
  narrow[0] = 0;
  WideCharToMultiByte(CP_UTF8, 0, text, -1, narrow, count, NULL, NULL);
  return narrow;
}

char *error_text(DWORD error) {
  const char *own = own_text(error);
  if (own) return strdup(own);
  wchar_t text[512];
  DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, error,
                                MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), text, 512, NULL);
  while (length > 0 && (text[length - 1] == L'\r' || text[length - 1] == L'\n' || text[length - 1] == L' ')) length--;
  text[length] = 0;
  if (length > 0) return utf8_from_wide(text);
  char *unknown = must_allocate(40);
  snprintf(unknown, 40, "Unknown error (0x%lx)", error);
  return unknown;
}

/* Windows' texts for what can go wrong at a start; Wine words some of them in its own way. */
static const char *own_text(DWORD error) {
  static const struct {
    DWORD error;
    const char *text;
  } texts[] = {
      {ERROR_FILE_NOT_FOUND, "The system cannot find the file specified."},
      {ERROR_PATH_NOT_FOUND, "The system cannot find the path specified."},
      {ERROR_ACCESS_DENIED, "Access is denied."},
      {ERROR_NOT_ENOUGH_MEMORY, "Not enough memory resources are available to process this command."},
      {ERROR_INVALID_PARAMETER, "The parameter is incorrect."},
      {ERROR_INVALID_NAME, "The filename, directory name, or volume label syntax is incorrect."},
      {ERROR_MOD_NOT_FOUND, "The specified module could not be found."},
      {ERROR_BAD_EXE_FORMAT, "%1 is not a valid Win32 application."},
      {ERROR_EXE_MACHINE_TYPE_MISMATCH, "The image file %1 is valid, but is for a machine type other than the current machine."},
      {ERROR_FILENAME_EXCED_RANGE, "The filename or extension is too long."},
      {ERROR_DIRECTORY, "The directory name is invalid."},
      {740 /* ERROR_ELEVATION_REQUIRED */, "The requested operation requires elevation."},
      {ERROR_NO_SUCH_USER, "The specified account does not exist."},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (texts[i].error == error) return texts[i].text;
  return NULL;
}
