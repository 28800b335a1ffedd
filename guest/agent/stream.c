#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { PIPE_QUOTA = 262144 };

static void on_data(struct stream *stream, DWORD count);
static bool begin_drain(struct stream *stream);
static void write_next(struct stream *stream);
static DWORD next_piece(const struct stream *stream);
static void grant(const struct stream *stream, size_t length);

bool stream_open(struct stream *stream, HANDLE port, HANDLE *child) {
  static unsigned last_name;
  wchar_t name[64];
  swprintf(name, 64, L"\\\\.\\pipe\\windowbox-%lu-%u", GetCurrentProcessId(), ++last_name);
  bool input = stream->number == WB_STDIN;
  DWORD access = (input ? PIPE_ACCESS_OUTBOUND : PIPE_ACCESS_INBOUND) | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE;
  DWORD quota = stream->by_line ? 1 : PIPE_QUOTA;
  HANDLE pipe = CreateNamedPipeW(name, access, PIPE_TYPE_BYTE | PIPE_WAIT, 1, quota, quota, 0, NULL);
  if (pipe == INVALID_HANDLE_VALUE) return false;
  stream->pipe = pipe;
  SECURITY_ATTRIBUTES inheritable = {sizeof inheritable, NULL, TRUE};
  DWORD child_access = input ? GENERIC_READ | FILE_WRITE_ATTRIBUTES : GENERIC_WRITE | FILE_READ_ATTRIBUTES;
  *child = CreateFileW(name, child_access, 0, &inheritable, OPEN_EXISTING, 0, NULL);
  if (*child == INVALID_HANDLE_VALUE) return false;
  if (CreateIoCompletionPort(pipe, port, KEY_STREAM, 0) != port) return false;
  if (!SetFileCompletionNotificationModes(pipe, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS)) return false;
  if (!input) {
    stream->buffer = must_allocate(WB_HEADER + WB_PAYLOAD_MAX);
    stream->room = WB_WINDOW;
  }
  return true;
}

void stream_read(struct stream *stream) {
  while (stream->pipe && !stream->pending && stream->room > 0) {
    if (stream->draining && !begin_drain(stream)) return stream_close(stream);
    DWORD wanted = stream->room < WB_PAYLOAD_MAX ? stream->room : WB_PAYLOAD_MAX, count = 0;
    if (stream->draining && wanted > stream->drain_left) wanted = stream->drain_left;
    memset(&stream->operation, 0, sizeof stream->operation);
    if (ReadFile(stream->pipe, stream->buffer + WB_HEADER, wanted, &count, &stream->operation)) on_data(stream, count);
    else if (GetLastError() == ERROR_IO_PENDING) stream->pending = true;
    else return stream_close(stream);
  }
}

void stream_drain(struct stream *stream) {
  stream->draining = true;
  if (!stream->pipe) return;
  if (stream->pending) CancelIoEx(stream->pipe, &stream->operation);
  else if (stream->room > 0) stream_read(stream);
  else if (!begin_drain(stream)) stream_close(stream);
}

void stream_write(struct stream *stream, const unsigned char *bytes, size_t length) {
  if (!stream->pipe || stream->close_when_written) return grant(stream, length);
  if (stream->capacity - stream->queued < length) {
    stream->capacity = stream->queued + length > WB_WINDOW ? stream->queued + length : WB_WINDOW;
    stream->buffer = realloc(stream->buffer, stream->capacity);
    if (!stream->buffer) ExitProcess(1);
  }
  memcpy(stream->buffer + stream->queued, bytes, length);
  stream->queued += length;
  write_next(stream);
}

void stream_skip(struct stream *stream, size_t length) { grant(stream, length); }

void stream_close_when_written(struct stream *stream) {
  stream->close_when_written = true;
  write_next(stream);
}

void stream_close(struct stream *stream) {
  if (!stream->pipe) return;
  if (stream->pending) CancelIoEx(stream->pipe, &stream->operation);
  CloseHandle(stream->pipe);
  stream->pipe = NULL;
}

void stream_completed(struct stream *stream, DWORD count, bool succeeded) {
  DWORD error = succeeded ? 0 : GetLastError();
  stream->pending = false;
  if (stream->number == WB_STDIN) {
    stream->written += count;
    if (error && stream->pipe) stream_close(stream);
    write_next(stream);
  } else {
    if (count > 0) on_data(stream, count);
    if (error && error != ERROR_OPERATION_ABORTED) stream_close(stream);
    else stream_read(stream);
  }
}

static void on_data(struct stream *stream, DWORD count) {
  if (count == 0) return;
  stream->room -= count;
  stream->drain_left -= stream->drain_known ? count : 0;
  channel_send_in_place(stream->buffer, &(struct frame){.type = WB_OUTPUT,
                                                        .stream = stream->number,
                                                        .process = stream->program->number,
                                                        .length = count});
}

/* The program has ended: what it wrote is in the pipe now. A child of it that still holds the pipe is not waited for. */
static bool begin_drain(struct stream *stream) {
  if (!stream->drain_known) {
    stream->drain_known = true;
    if (!PeekNamedPipe(stream->pipe, NULL, 0, NULL, &stream->drain_left, NULL)) stream->drain_left = 0;
  }
  return stream->drain_left > 0;
}

/* One write at a time: the buffer must stay where it is until it is done. */
static void write_next(struct stream *stream) {
  while (!stream->pending) {
    if (stream->written > 0) {
      size_t written = stream->written;
      memmove(stream->buffer, stream->buffer + written, stream->queued - written);
      stream->queued -= written;
      stream->written = 0;
      grant(stream, written);
    }
    if (!stream->pipe) {
      grant(stream, stream->queued);
      stream->queued = 0;
      return;
    }
    if (stream->queued == 0) {
      if (stream->close_when_written) stream_close(stream);
      return;
    }
    DWORD count = 0;
    memset(&stream->operation, 0, sizeof stream->operation);
    if (WriteFile(stream->pipe, stream->buffer, next_piece(stream), &count, &stream->operation)) stream->written = count;
    else if (GetLastError() == ERROR_IO_PENDING) stream->pending = true;
    else stream_close(stream);
  }
}

static DWORD next_piece(const struct stream *stream) {
  const unsigned char *line = stream->by_line ? memchr(stream->buffer, '\n', stream->queued) : NULL;
  return (DWORD)(line ? (size_t)(line + 1 - stream->buffer) : stream->queued);
}

static void grant(const struct stream *stream, size_t length) {
  if (length > 0) channel_send_u32(WB_CREDIT_STDIN, stream->program->number, (uint32_t)length);
}
