#include "agent.h"

#include <tlhelp32.h>
#include <wchar.h>

enum { PROCESSES_MAX = 1024 };

static HANDLE send_to(DWORD pid, DWORD event);
static unsigned char *kernelbase_of(DWORD pid);

/*
 * GenerateConsoleCtrlEvent reaches only those who share the sender's console, and a program on pipes has none. What Windows does in the
 * end is to start a thread in each process at CtrlRoutine, which calls the handlers; this does the same.
 */
void control_send(struct program *program, DWORD event) {
  static DWORD pids[PROCESSES_MAX];
  size_t count = job_processes(program->job, pids, PROCESSES_MAX);
  for (size_t i = 0; i < count; i++) {
    HANDLE thread = send_to(pids[i], event);
    if (!thread) continue;
    if (pids[i] != program->pid || event < CTRL_CLOSE_EVENT) {
      CloseHandle(thread);
      continue;
    }
    if (program->end_event) CloseHandle(program->end_event);
    program->end_event = thread;
  }
}

/* ExitProcess ends all other threads first: the one that outlives them called it. */
DWORD control_exit_code(const struct program *program) {
  FILETIME created, kernel, user, thread_end, process_end;
  if (program->exit_code != 0 || !program->end_event) return program->exit_code;
  if (!GetThreadTimes(program->end_event, &created, &thread_end, &kernel, &user)) return 0;
  if (!GetProcessTimes(program->process, &created, &process_end, &kernel, &user)) return 0;
  return CompareFileTime(&thread_end, &process_end) < 0 ? 0 : (DWORD)STATUS_CONTROL_C_EXIT;
}

static HANDLE send_to(DWORD pid, DWORD event) {
  HMODULE own = GetModuleHandleW(L"kernelbase.dll");
  unsigned char *routine = (unsigned char *)(void *)GetProcAddress(own, "CtrlRoutine");
  unsigned char *other = routine ? kernelbase_of(pid) : NULL;
  if (!other) return NULL;
  DWORD access = PROCESS_CREATE_THREAD | PROCESS_QUERY_INFORMATION | PROCESS_VM_OPERATION | PROCESS_VM_READ | PROCESS_VM_WRITE;
  HANDLE process = OpenProcess(access, FALSE, pid);
  if (!process) return NULL;
  LPTHREAD_START_ROUTINE start = (LPTHREAD_START_ROUTINE)(void *)(other + (routine - (unsigned char *)own));
  HANDLE thread = CreateRemoteThread(process, NULL, 0, start, (void *)(ULONG_PTR)event, 0, NULL);
  if (!thread) channel_say("cannot send console event %lu to process %lu: error %lu", event, pid, GetLastError());
  CloseHandle(process);
  return thread;
}

/* Where it lies in that process; null when it has not been loaded yet. */
static unsigned char *kernelbase_of(DWORD pid) {
  HANDLE modules = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, pid);
  if (modules == INVALID_HANDLE_VALUE) return NULL;
  MODULEENTRY32W module = {.dwSize = sizeof module};
  unsigned char *found = NULL;
  for (BOOL more = Module32FirstW(modules, &module); more && !found; more = Module32NextW(modules, &module))
    if (!_wcsicmp(module.szModule, L"kernelbase.dll")) found = module.modBaseAddr;
  CloseHandle(modules);
  return found;
}
