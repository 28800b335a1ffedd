#include "agent.h"

#include <string.h>

static void handle_operation(OVERLAPPED *operation, DWORD count, bool succeeded);
static void handle_job(uint32_t number, DWORD message, DWORD pid);
static void handle_frames(struct batch *batch, HANDLE port);
static void handle(const struct frame *frame, HANDLE port);
static void type(struct stream *stream, const unsigned char *bytes, size_t length);
static void handle_stream(struct stream *stream, uint8_t number, const struct frame *frame);

int wmain(void) {
  HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
  if (!port) return 1;
  /* Where init stands is no Windows folder, and conhost would start there. */
  SetCurrentDirectoryW(L"C:\\");
  channel_open(port);
  boot();
  environment_remember();
  channel_send(&(struct frame){.type = WB_READY});
  for (;;) {
    DWORD count;
    ULONG_PTR key;
    OVERLAPPED *operation = NULL;
    BOOL succeeded = GetQueuedCompletionStatus(port, &count, &key, &operation, INFINITE);
    if (!succeeded && !operation) return 1;
    if (key == KEY_FRAMES) handle_frames((struct batch *)operation, port);
    else if (key == KEY_STREAM) handle_operation(operation, count, succeeded);
    else handle_job((uint32_t)(key - KEY_JOBS), count, (DWORD)(ULONG_PTR)operation);
  }
}

static void handle_operation(OVERLAPPED *operation, DWORD count, bool succeeded) {
  struct stream *stream = CONTAINING_RECORD(operation, struct stream, operation);
  stream_completed(stream, count, succeeded);
  program_settle(stream->program);
}

static void handle_job(uint32_t number, DWORD message, DWORD pid) {
  struct program *program = program_find(number);
  if (!program) return;
  program_on_job_message(program, message, pid);
  program_settle(program);
}

static void handle_frames(struct batch *batch, HANDLE port) {
  struct frame frame;
  for (size_t at = 0; channel_next(batch, &at, &frame);) handle(&frame, port);
  HeapFree(GetProcessHeap(), 0, batch);
}

static void handle(const struct frame *frame, HANDLE port) {
  struct program *program = program_find(frame->process);
  switch (frame->type) {
    case WB_START: program_start(frame, port); return;
    case WB_TOP: top_reply(); return;
    case WB_HOSTNAME: hostname_set(frame->payload, frame->length); return;
    default: break;
  }
  if (!program) return;
  switch (frame->type) {
    case WB_STDIN_DATA:
    case WB_STDIN_CLOSE: handle_stream(&program->streams[WB_STDIN], WB_STDIN, frame); return;
    case WB_CREDIT:
      if (frame->stream == WB_STDOUT || frame->stream == WB_STDERR)
        handle_stream(&program->streams[frame->stream], frame->stream, frame);
      return;
    case WB_CONTROL:
      if (frame->length == 4) control_send(program, *(const uint32_t *)frame->payload);
      return;
    case WB_RESIZE:
      if (frame->length == 4 && program->terminal) {
        const uint16_t *size = (const uint16_t *)frame->payload;
        terminal_resize(program->terminal, (COORD){(SHORT)size[0], (SHORT)size[1]});
      }
      return;
    case WB_TERMINATE:
      if (frame->length == 4) TerminateJobObject(program->job, *(const uint32_t *)frame->payload);
      return;
    default: return;
  }
}

/* Keys for a terminal. */
static void type(struct stream *stream, const unsigned char *bytes, size_t length) {
  const unsigned char *end = bytes + length;
  while (bytes < end) {
    const unsigned char *ctrl_c = memchr(bytes, 3, (size_t)(end - bytes));
    const unsigned char *until = ctrl_c ? ctrl_c : end;
    if (until > bytes) stream_write(stream, bytes, (size_t)(until - bytes));
    bytes = until;
    if (!ctrl_c) return;
    if (terminal_press_ctrl_c(stream->program->terminal)) control_send(stream->program, CTRL_C_EVENT);
    stream_skip(stream, 1);
    bytes++;
  }
}

static void handle_stream(struct stream *stream, uint8_t number, const struct frame *frame) {
  if (frame->type == WB_STDIN_DATA && stream->program->terminal) type(stream, frame->payload, frame->length);
  else if (frame->type == WB_STDIN_DATA) stream_write(stream, frame->payload, frame->length);
  else if (frame->type == WB_STDIN_CLOSE) stream_close_when_written(stream);
  else if (frame->length == 4 && number != WB_STDIN) {
    stream->room += *(const uint32_t *)frame->payload;
    stream_read(stream);
    program_settle(stream->program);
  }
}
