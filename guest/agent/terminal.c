#include "agent.h"

#include <stdlib.h>
#include <winternl.h>

/*
 * A pseudo console of Wine 10 lacks two things, both made up for here. A program that is started in one gets no standard
 * handles, so they are opened for it: that needs a connection to the console, which the agent has only for that moment.
 * And ResizePseudoConsole does nothing, so the size is set through a handle of the console's screen.
 */

typedef HRESULT WINAPI create_function(COORD size, HANDLE input, HANDLE output, DWORD flags, void **console);

/* As Windows and Wine lay it out behind the HPCON. */
struct pseudo_console {
  HANDLE signal, reference, conhost;
};

struct terminal {
  struct pseudo_console *console;
  HANDLE input, output;
};

static bool set_size(HANDLE screen, COORD size);
static HANDLE connect_to(const struct terminal *terminal);
static HANDLE open_device(const wchar_t *name, HANDLE root, ACCESS_MASK access);

struct terminal *terminal_open(COORD size, HANDLE input, HANDLE output) {
  FARPROC create = GetProcAddress(GetModuleHandleW(L"kernelbase.dll"), "CreatePseudoConsole");
  void *console = NULL;
  HRESULT result = create ? ((create_function *)(void *)create)(size, input, output, 0, &console) : E_NOTIMPL;
  if (FAILED(result)) {
    SetLastError(HRESULT_CODE(result));
    return NULL;
  }
  struct terminal *terminal = must_allocate(sizeof *terminal);
  *terminal = (struct terminal){.console = console};
  HANDLE connection = connect_to(terminal);
  terminal->input = open_device(L"\\Device\\ConDrv\\Input", NULL, FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES);
  terminal->output = open_device(L"\\Device\\ConDrv\\Output", NULL, FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES);
  if (connection) CloseHandle(connection);
  if (terminal->input && terminal->output) return terminal;
  terminal_close(terminal);
  SetLastError(ERROR_INVALID_HANDLE);
  return NULL;
}

void *terminal_console(const struct terminal *terminal) { return terminal->console; }
HANDLE terminal_input(const struct terminal *terminal) { return terminal->input; }
HANDLE terminal_output(const struct terminal *terminal) { return terminal->output; }

void terminal_resize(const struct terminal *terminal, COORD size) {
  HANDLE connection = connect_to(terminal);
  if (size.X > 0 && size.Y > 0 && !set_size(terminal->output, size))
    channel_say("cannot resize a terminal: error %lu", GetLastError());
  if (connection) CloseHandle(connection);
}

/* The window never goes beyond the buffer: what grows grows first, what shrinks shrinks last. */
static bool set_size(HANDLE screen, COORD size) {
  CONSOLE_SCREEN_BUFFER_INFO now;
  if (!GetConsoleScreenBufferInfo(screen, &now)) return false;
  COORD larger = {size.X > now.dwSize.X ? size.X : now.dwSize.X, size.Y > now.dwSize.Y ? size.Y : now.dwSize.Y};
  SMALL_RECT window = {0, 0, (SHORT)(size.X - 1), (SHORT)(size.Y - 1)};
  return SetConsoleScreenBufferSize(screen, larger) && SetConsoleWindowInfo(screen, TRUE, &window) &&
         SetConsoleScreenBufferSize(screen, size);
}

/* For as long as the handle is open, the agent's console is this one. */
static HANDLE connect_to(const struct terminal *terminal) {
  return open_device(L"Connection", terminal->console->reference, FILE_READ_EA | FILE_WRITE_EA);
}

/* Wine's conhost ends when it reads Ctrl+C from a pipe, so it never gets one. */
bool terminal_press_ctrl_c(const struct terminal *terminal) {
  HANDLE connection = connect_to(terminal);
  DWORD mode = 0, count;
  bool is_event = GetConsoleMode(terminal->input, &mode) && (mode & ENABLE_PROCESSED_INPUT);
  INPUT_RECORD keys[2] = {0};
  for (int i = 0; i < 2; i++) {
    keys[i].EventType = KEY_EVENT;
    keys[i].Event.KeyEvent = (KEY_EVENT_RECORD){.bKeyDown = i == 0,
                                                .wRepeatCount = 1,
                                                .wVirtualKeyCode = 'C',
                                                .wVirtualScanCode = 0x2e,
                                                .uChar.UnicodeChar = 3,
                                                .dwControlKeyState = LEFT_CTRL_PRESSED};
  }
  if (!is_event) WriteConsoleInputW(terminal->input, keys, 2, &count);
  if (connection) CloseHandle(connection);
  return is_event;
}

/* ClosePseudoConsole would wait for conhost without a limit; it has nothing left to do once the program has ended. */
void terminal_close(struct terminal *terminal) {
  if (terminal->input) CloseHandle(terminal->input);
  if (terminal->output) CloseHandle(terminal->output);
  TerminateProcess(terminal->console->conhost, 0);
  CloseHandle(terminal->console->signal);
  CloseHandle(terminal->console->reference);
  CloseHandle(terminal->console->conhost);
  free(terminal);
}

static HANDLE open_device(const wchar_t *name, HANDLE root, ACCESS_MASK access) {
  UNICODE_STRING text;
  RtlInitUnicodeString(&text, name);
  OBJECT_ATTRIBUTES attributes;
  InitializeObjectAttributes(&attributes, &text, root ? 0 : OBJ_INHERIT, root, NULL);
  IO_STATUS_BLOCK status;
  HANDLE handle = NULL;
  ULONG options = FILE_NON_DIRECTORY_FILE | (root ? 0 : FILE_SYNCHRONOUS_IO_NONALERT);
  NTSTATUS result = NtCreateFile(&handle, access | SYNCHRONIZE, &attributes, &status, NULL, FILE_ATTRIBUTE_NORMAL,
                                 FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, root ? FILE_OPEN : FILE_CREATE, options, NULL, 0);
  return result == 0 ? handle : NULL;
}
