#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { PSEUDO_CONSOLE = 0x20016 /* PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE */ };

static struct program *programs;

static struct program *make(uint32_t number, HANDLE port);
static DWORD launch(struct program *program, const struct request *request, HANDLE port);
static DWORD create_process(struct program *program, const struct request *request, HANDLE *ends);
static bool is_cmd(const wchar_t *command);
static DWORD set_attributes(STARTUPINFOEXW *startup, struct program *program, HANDLE *ends, SIZE_T size);
static HANDLE null_device(void);
static void fail(struct program *program, uint32_t number, DWORD error);
static void report_exit(struct program *program);
static void forget_when_over(struct program *program);

struct program *program_first(void) { return programs; }

struct program *program_find(uint32_t number) {
  for (struct program *program = programs; program; program = program->next)
    if (program->number == number) return program;
  return NULL;
}

void program_start(const struct frame *frame, HANDLE port) {
  struct request request;
  DWORD error = request_parse(frame, &request);
  struct program *program = error ? NULL : make(frame->process, port);
  if (!error && !program) error = GetLastError();
  if (!error) error = launch(program, &request, port);
  request_free(&request);
  if (error) return fail(program, frame->process, error);
  channel_send_u32(WB_STARTED, program->number, program->pid);
  stream_read(&program->streams[WB_STDOUT]);
  stream_read(&program->streams[WB_STDERR]);
}

void program_on_job_message(struct program *program, DWORD message, DWORD pid) {
  if (message == JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO) program->job_is_empty = true;
  bool ended = message == JOB_OBJECT_MSG_EXIT_PROCESS || message == JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS;
  /* After TerminateJobObject Wine tells only that the job is empty. */
  if (((ended && pid == program->pid) || program->job_is_empty) && !program->has_exited) {
    GetExitCodeProcess(program->process, &program->exit_code);
    program->exit_code = control_exit_code(program);
    program->has_exited = true;
    stream_close(&program->streams[WB_STDIN]);
    stream_drain(&program->streams[WB_STDOUT]);
    stream_drain(&program->streams[WB_STDERR]);
  }
}

void program_settle(struct program *program) {
  report_exit(program);
  forget_when_over(program);
}

static struct program *make(uint32_t number, HANDLE port) {
  struct program *program = must_allocate(sizeof *program);
  memset(program, 0, sizeof *program);
  program->number = number;
  for (uint8_t stream = 0; stream < 3; stream++) {
    program->streams[stream].program = program;
    program->streams[stream].number = stream;
  }
  program->job = CreateJobObjectW(NULL, NULL);
  JOBOBJECT_ASSOCIATE_COMPLETION_PORT association = {(void *)(ULONG_PTR)(KEY_JOBS + number), port};
  SetInformationJobObject(program->job, JobObjectAssociateCompletionPortInformation, &association, sizeof association);
  program->next = programs;
  programs = program;
  return program;
}

static DWORD launch(struct program *program, const struct request *request, HANDLE port) {
  HANDLE ends[3] = {0};
  DWORD error = 0;
  for (uint8_t stream = 0; stream < 3 && !error; stream++) {
    if (stream == WB_STDERR && request->has_terminal) continue;
    /* Wine's cmd drops what it has read beyond a line. */
    program->streams[stream].by_line = stream == WB_STDIN && !request->has_terminal && is_cmd(request->command);
    if (stream == WB_STDIN && !request->has_stdin && !request->has_terminal) ends[stream] = null_device();
    else if (!stream_open(&program->streams[stream], port, &ends[stream])) error = GetLastError();
  }
  if (!error && request->has_terminal) {
    program->terminal = terminal_open(request->size, ends[WB_STDIN], ends[WB_STDOUT]);
    if (!program->terminal) error = GetLastError();
  }
  HANDLE in = program->terminal ? terminal_input(program->terminal) : ends[WB_STDIN];
  HANDLE out = program->terminal ? terminal_output(program->terminal) : ends[WB_STDOUT];
  HANDLE standard[3] = {in, out, program->terminal ? out : ends[WB_STDERR]};
  if (!error) error = create_process(program, request, standard);
  for (uint8_t stream = 0; stream < 3; stream++)
    if (ends[stream] && ends[stream] != null_device()) CloseHandle(ends[stream]);
  return error;
}

static DWORD create_process(struct program *program, const struct request *request, HANDLE *ends) {
  DWORD attributes = GetFileAttributesW(request->cwd);
  if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY)) return ERROR_DIRECTORY;
  HANDLE token = request->administrator ? NULL : user_token();
  if (!token && !request->administrator) return GetLastError();
  struct invocation invocation;
  if (!lookup_program(request, &invocation)) return ERROR_FILE_NOT_FOUND;
  char room[256];
  STARTUPINFOEXW startup = {.StartupInfo = {.cb = sizeof startup}, .lpAttributeList = (void *)room};
  DWORD error = set_attributes(&startup, program, ends, sizeof room);
  PROCESS_INFORMATION created;
  DWORD flags = CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;
  if (!error && !CreateProcessAsUserW(token, invocation.file, invocation.command, NULL, NULL, TRUE, flags, request->environment,
                                      request->cwd, &startup.StartupInfo, &created))
    error = GetLastError();
  free(invocation.file);
  free(invocation.command);
  if (error) return error;
  CloseHandle(created.hThread);
  program->process = created.hProcess;
  program->pid = created.dwProcessId;
  return 0;
}

/* A shell that reads its commands from standard input. With /c it is another program that reads, and fast. */
static bool is_cmd(const wchar_t *command) {
  if (wcsstr(command, L"/c") || wcsstr(command, L"/C")) return false;
  while (*command == L' ' || *command == L'"') command++;
  size_t length = wcscspn(command, L" \"");
  for (size_t i = 0; i < length; i++)
    if (command[i] == L'\\' || command[i] == L'/') return is_cmd(command + i + 1);
  return (length == 3 && !_wcsnicmp(command, L"cmd", 3)) || (length == 7 && !_wcsnicmp(command, L"cmd.exe", 7));
}

/* The program gets its job from its first instruction on, and of our handles only the three. */
static DWORD set_attributes(STARTUPINFOEXW *startup, struct program *program, HANDLE *ends, SIZE_T size) {
  LPPROC_THREAD_ATTRIBUTE_LIST list = startup->lpAttributeList;
  if (!InitializeProcThreadAttributeList(list, 3, 0, &size) ||
      !UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, &program->job, sizeof program->job, NULL, NULL) ||
      !UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, ends, 3 * sizeof *ends, NULL, NULL))
    return GetLastError();
  startup->StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup->StartupInfo.hStdInput = ends[WB_STDIN];
  startup->StartupInfo.hStdOutput = ends[WB_STDOUT];
  startup->StartupInfo.hStdError = ends[WB_STDERR];
  if (!program->terminal) return 0;
  void *console = terminal_console(program->terminal);
  return UpdateProcThreadAttribute(list, 0, PSEUDO_CONSOLE, console, sizeof console, NULL, NULL) ? 0 : GetLastError();
}

/* Standard input of a program that was given none. */
static HANDLE null_device(void) {
  static HANDLE device;
  SECURITY_ATTRIBUTES inheritable = {sizeof inheritable, NULL, TRUE};
  if (!device) device = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inheritable, OPEN_EXISTING, 0, NULL);
  return device;
}

static void fail(struct program *program, uint32_t number, DWORD error) {
  char *text = error_text(error);
  size_t length = strlen(text);
  unsigned char *payload = must_allocate(4 + length);
  memcpy(payload, &error, 4);
  memcpy(payload + 4, text, length);
  channel_send(&(struct frame){
      .type = WB_START_FAILED, .process = number, .length = (uint32_t)(4 + length), .payload = payload});
  free(payload);
  free(text);
  if (!program) return;
  program->has_exited = program->has_reported = program->job_is_empty = true;
  for (uint8_t stream = 0; stream < 3; stream++) stream_close(&program->streams[stream]);
  forget_when_over(program);
}

static void report_exit(struct program *program) {
  if (program->has_reported || !program->has_exited) return;
  if (program->streams[WB_STDOUT].pipe || program->streams[WB_STDERR].pipe) return;
  program->has_reported = true;
  channel_send_u32(WB_EXITED, program->number, program->exit_code);
}

/* Not while an operation may still write into its memory, nor while something that it started runs. */
static void forget_when_over(struct program *program) {
  if (!program->has_reported || !program->job_is_empty) return;
  for (uint8_t stream = 0; stream < 3; stream++)
    if (program->streams[stream].pending) return;
  struct program **link = &programs;
  while (*link != program) link = &(*link)->next;
  *link = program->next;
  if (program->end_event) CloseHandle(program->end_event);
  if (program->terminal) terminal_close(program->terminal);
  CloseHandle(program->job);
  if (program->process) CloseHandle(program->process);
  for (uint8_t stream = 0; stream < 3; stream++) free(program->streams[stream].buffer);
  free(program);
}
