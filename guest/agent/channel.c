#include "agent.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_SIZE = 262144 };

static HANDLE frames_port, from_init, to_init;

static DWORD WINAPI read_frames(void *unused);
static size_t whole_frames(const unsigned char *bytes, size_t length);
static void put_header(unsigned char *at, const struct frame *frame);
static void write_all(const unsigned char *bytes, size_t length);

void channel_open(HANDLE port) {
  frames_port = port;
  from_init = GetStdHandle(STD_INPUT_HANDLE);
  to_init = GetStdHandle(STD_OUTPUT_HANDLE);
  SetHandleInformation(from_init, HANDLE_FLAG_INHERIT, 0);
  SetHandleInformation(to_init, HANDLE_FLAG_INHERIT, 0);
  /* A program on a terminal would get them instead of its console. */
  SetStdHandle(STD_INPUT_HANDLE, NULL);
  SetStdHandle(STD_OUTPUT_HANDLE, NULL);
  SetStdHandle(STD_ERROR_HANDLE, NULL);
  CloseHandle(CreateThread(NULL, 0, read_frames, NULL, 0, NULL));
}

bool channel_next(const struct batch *batch, size_t *at, struct frame *frame) {
  if (*at >= batch->length) return false;
  const unsigned char *header = batch->bytes + *at;
  memcpy(&frame->length, header, 4);
  frame->type = header[4];
  frame->stream = header[5];
  memcpy(&frame->process, header + 8, 4);
  frame->payload = header + WB_HEADER;
  *at += WB_HEADER + frame->length;
  return true;
}

void channel_send(const struct frame *frame) {
  unsigned char *buffer = must_allocate(WB_HEADER + frame->length);
  if (frame->length > 0) memcpy(buffer + WB_HEADER, frame->payload, frame->length);
  channel_send_in_place(buffer, frame);
  free(buffer);
}

void channel_send_in_place(unsigned char *buffer, const struct frame *frame) {
  put_header(buffer, frame);
  write_all(buffer, WB_HEADER + frame->length);
}

void channel_send_u32(uint8_t type, uint32_t process, uint32_t value) {
  channel_send(&(struct frame){
      .type = type, .process = process, .length = sizeof value, .payload = (const unsigned char *)&value});
}

void channel_say(const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length <= 0) return;
  if ((size_t)length >= sizeof text) length = sizeof text - 1;
  channel_send(&(struct frame){
      .type = WB_DIAGNOSTIC, .length = (uint32_t)length, .payload = (const unsigned char *)text});
}

/* Without init there is no one to work for: Wine ends with the agent. */
static DWORD WINAPI read_frames(void *unused) {
  (void)unused;
  size_t capacity = WB_HEADER + WB_START_MAX + READ_SIZE, length = 0;
  unsigned char *bytes = must_allocate(capacity);
  for (DWORD count; ReadFile(from_init, bytes + length, READ_SIZE, &count, NULL) && count > 0;) {
    length += count;
    size_t whole = whole_frames(bytes, length);
    if (whole == 0) continue;
    struct batch *batch = HeapAlloc(GetProcessHeap(), 0, sizeof *batch + whole);
    if (!batch) break;
    batch->length = whole;
    memcpy(batch->bytes, bytes, whole);
    memmove(bytes, bytes + whole, length - whole);
    length -= whole;
    PostQueuedCompletionStatus(frames_port, 0, KEY_FRAMES, (OVERLAPPED *)batch);
  }
  ExitProcess(1);
}

static size_t whole_frames(const unsigned char *bytes, size_t length) {
  size_t at = 0;
  for (uint32_t payload; length - at >= WB_HEADER; at += WB_HEADER + payload) {
    memcpy(&payload, bytes + at, 4);
    if (payload > WB_START_MAX) ExitProcess(1);
    if (length - at - WB_HEADER < payload) break;
  }
  return at;
}

static void put_header(unsigned char *at, const struct frame *frame) {
  memset(at, 0, WB_HEADER);
  memcpy(at, &frame->length, 4);
  at[4] = frame->type;
  at[5] = frame->stream;
  memcpy(at + 8, &frame->process, 4);
}

static void write_all(const unsigned char *bytes, size_t length) {
  while (length > 0) {
    DWORD count;
    if (!WriteFile(to_init, bytes, (DWORD)length, &count, NULL)) ExitProcess(1);
    bytes += count;
    length -= count;
  }
}
