/*
 * agent.exe: the Windows side of guest/protocol.h. One thread owns all state and waits at one completion port, where everything
 * arrives: frames from init (a second thread only reads them), finished pipe operations, and job messages about ended processes.
 * So there are no locks, and a start costs few calls into wineserver.
 */
#ifndef WINDOWBOX_AGENT_H
#define WINDOWBOX_AGENT_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../protocol.h"

/* --- channel.c: frames from and to init --- */

struct frame {
  uint32_t length, process;
  uint8_t type, stream;
  const unsigned char *payload;
};

/* Completion keys at the port. A job's key is KEY_JOBS + the program's number. */
enum { KEY_FRAMES, KEY_STREAM, KEY_JOBS };

/* Frames that init sent, read in one piece. */
struct batch {
  size_t length;
  unsigned char bytes[];
};

void channel_open(HANDLE port);
/* The next frame of a batch; false at its end. `at` starts at 0. */
bool channel_next(const struct batch *batch, size_t *at, struct frame *frame);
void channel_send(const struct frame *frame);
/* As above for bytes that already have WB_HEADER free bytes in front of them. */
void channel_send_in_place(unsigned char *buffer, const struct frame *frame);
void channel_send_u32(uint8_t type, uint32_t process, uint32_t value);
void channel_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- text.c --- */

void *must_allocate(size_t size);
/* The caller frees. */
wchar_t *wide_from_utf8(const char *text, size_t length);
char *utf8_from_wide(const wchar_t *text);
/* Windows' own text for a Win32 error, without a line end. The caller frees. */
char *error_text(DWORD error);

/* --- request.c: what a START asks --- */

struct request {
  wchar_t *command, *cwd, *environment;
  bool administrator, has_stdin, has_terminal;
  COORD size;
};

/* 0 or a Win32 error. The caller frees with request_free, also after an error. */
DWORD request_parse(const struct frame *frame, struct request *request);
void request_free(struct request *request);

/* --- environment.c --- */

/* Keeps what Windows gives every program; called once, first. */
void environment_remember(void);
/* A whole environment block: Windows' variables, the user's, and over them `count` NAME=VALUE. The caller frees. */
wchar_t *environment_make(bool administrator, wchar_t *const *given, size_t count);
/* The value in a block; null when it has none. Names are matched without case. */
const wchar_t *environment_find(const wchar_t *block, const wchar_t *name);

/* --- lookup.c --- */

/* What CreateProcess is to be called with. The caller frees both. */
struct invocation {
  wchar_t *file, *command;
};

/* Finds the program of a command line as CreateProcess does, but in the program's own PATH and with its PATHEXT. A script becomes a call of
 * cmd.exe: Wine would make that call too, but without the job. False when there is no such program. */
bool lookup_program(const struct request *request, struct invocation *invocation);

/* --- user.c --- */

/* A primary token without administrator's rights; null with the last error set. */
HANDLE user_token(void);

/* --- stream.c: one pipe --- */

struct program;

struct stream {
  OVERLAPPED operation;
  struct program *program;
  HANDLE pipe; /* null when closed */
  uint8_t number;
  bool pending;
  bool draining; /* the program has ended: read what is there now, wait for nothing */
  bool drain_known;
  DWORD drain_left;
  uint32_t room;         /* output: bytes that may still be sent */
  unsigned char *buffer; /* output: WB_HEADER + WB_PAYLOAD_MAX bytes; input: what waits to be written */
  size_t queued, written, capacity;
  bool close_when_written;
  bool by_line; /* input: the next line is written when the one before has been read */
};

/* Makes the pipe; `child` is the inheritable end for the program. False with the last error set. */
bool stream_open(struct stream *stream, HANDLE port, HANDLE *child);
/* Starts reading, or goes on. */
void stream_read(struct stream *stream);
void stream_drain(struct stream *stream);
void stream_write(struct stream *stream, const unsigned char *bytes, size_t length);
/* Bytes that were meant for `stream` and went another way: the host gets their room back. */
void stream_skip(struct stream *stream, size_t length);
void stream_close_when_written(struct stream *stream);
void stream_close(struct stream *stream);
/* The pending operation has ended with this many bytes. */
void stream_completed(struct stream *stream, DWORD count, bool succeeded);

/* --- terminal.c: a pseudo console --- */

struct terminal;

/* `input` is what conhost reads keys from, `output` what it draws on; it has copies of its own. Null with the last error set. */
struct terminal *terminal_open(COORD size, HANDLE input, HANDLE output);
/* For PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE, and the program's standard handles. */
void *terminal_console(const struct terminal *terminal);
HANDLE terminal_input(const struct terminal *terminal);
HANDLE terminal_output(const struct terminal *terminal);
/* True: the console is in the mode in which this is a console event, and the caller sends it. Else the program reads it as a key. */
bool terminal_press_ctrl_c(const struct terminal *terminal);
void terminal_resize(const struct terminal *terminal, COORD size);
void terminal_close(struct terminal *terminal);

/* --- program.c --- */

struct program {
  struct program *next;
  uint32_t number;
  DWORD pid, exit_code;
  HANDLE process, job;
  struct terminal *terminal; /* null: pipes */
  HANDLE end_event;          /* the thread in it that brought the last close, logoff or shutdown event */
  bool has_exited, has_reported, job_is_empty;
  struct stream streams[3];
};

struct program *program_first(void);
struct program *program_find(uint32_t number);
void program_start(const struct frame *frame, HANDLE port);
void program_on_job_message(struct program *program, DWORD message, DWORD pid);
/* Called last, after anything that may have been the program's end: reports it, and frees the program when all is over. */
void program_settle(struct program *program);

/* --- control.c --- */

/* Sends a console event to every process of the program, as Windows does to all that share a console. */
void control_send(struct program *program, DWORD event);
/* The exit code as Windows has it: Wine's default handler ends a program with 0 for all events but Ctrl+C and Ctrl+Break. */
DWORD control_exit_code(const struct program *program);

/* --- hostname.c --- */

/* Gives the sandbox another host name, UTF-8; programs that start from now on see it. */
void hostname_set(const unsigned char *name, size_t length);

/* --- boot.c --- */

/* Makes of Wine's server a system that programs can run in; called once, before the first. */
void boot(void);

/* --- processors.c --- */

/* Writes the registry keys and the variables that describe the processors; called once. */
void processors_describe(void);

/* --- top.c --- */

void top_reply(void);

/* Process ids in the program's job. Returns how many; at most `limit`. */
size_t job_processes(HANDLE job, DWORD *pids, size_t limit);

#endif
