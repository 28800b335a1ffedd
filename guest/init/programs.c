#include "programs.h"

#include <stdlib.h>
#include <string.h>

#include "../protocol.h"

/* Many small pieces of output need not be answered one by one. Less than the window, so that a program never waits for it. */
enum { ROOM_WORTH_TELLING = WB_WINDOW / 4 };

static struct program *programs;
static unsigned program_count;
static struct kept *oldest, *newest, *unsent;
static uint64_t last_number;

static void drop_frames(struct program *program, uint64_t last, bool output_only, room_function *on_room);
static void forget(struct program *program);
static void unlink_kept(struct kept *kept);

struct program *program_first(void) { return programs; }

struct program *program_find(uint32_t number) {
  for (struct program *program = programs; program; program = program->next)
    if (program->number == number) return program;
  return NULL;
}

struct program *program_add(uint32_t number) {
  if (number == 0 || program_count >= WB_PROCESS_MAX || program_find(number)) return NULL;
  struct program *program = must_allocate(sizeof *program);
  *program = (struct program){.next = programs, .number = number, .stdin_room = WB_WINDOW};
  programs = program;
  program_count++;
  return program;
}

bool kept_add(struct program *program, const struct frame *frame) {
  if (frame->type == WB_OUTPUT) {
    if (frame->stream != WB_STDOUT && frame->stream != WB_STDERR) return false;
    size_t used = program->window_used[frame->stream] + frame->length;
    if (used > WB_WINDOW) return false;
    program->window_used[frame->stream] = used;
  }
  struct kept *kept = must_allocate(sizeof *kept + WB_HEADER + frame->length);
  *kept = (struct kept){.previous = newest,
                        .program = program,
                        .number = ++last_number,
                        .type = frame->type,
                        .stream = frame->stream,
                        .size = WB_HEADER + frame->length};
  struct frame numbered = *frame;
  numbered.number = kept->number;
  frame_put_header(kept->bytes, &numbered);
  memcpy(kept->bytes + WB_HEADER, frame->payload, frame->length);
  if (newest) newest->next = kept;
  else oldest = kept;
  newest = kept;
  if (!unsent) unsent = kept;
  if (program->last) program->last->next_of_program = kept;
  else program->first = kept;
  program->last = kept;
  return true;
}

struct kept *kept_unsent(void) { return unsent; }

void kept_mark_sent(void) { unsent = unsent->next; }

void kept_rewind(uint64_t last, room_function *on_room) {
  unsent = NULL;
  for (struct program *program = programs; program; program = program->next)
    drop_frames(program, last, true, on_room);
  unsent = oldest;
}

void kept_drop(struct program *program, uint64_t last, room_function *on_room) {
  uint64_t sent = unsent ? unsent->number - 1 : last_number;
  drop_frames(program, last < sent ? last : sent, false, on_room);
  if (program->over && !program->first) forget(program);
}

static void drop_frames(struct program *program, uint64_t last, bool output_only, room_function *on_room) {
  struct kept **link = &program->first;
  struct kept *before = NULL;
  while (*link && (*link)->number <= last) {
    struct kept *kept = *link;
    if (output_only && kept->type != WB_OUTPUT) {
      before = kept;
      link = &kept->next_of_program;
      continue;
    }
    *link = kept->next_of_program;
    if (program->last == kept) program->last = before;
    if (kept->type == WB_OUTPUT) {
      program->room_owed[kept->stream] += (uint32_t)(kept->size - WB_HEADER);
      program->window_used[kept->stream] -= kept->size - WB_HEADER;
    }
    unlink_kept(kept);
    free(kept);
  }
  for (uint8_t stream = WB_STDOUT; stream <= WB_STDERR; stream++)
    if (program->room_owed[stream] >= ROOM_WORTH_TELLING && !program->over) {
      on_room(program->number, stream, program->room_owed[stream]);
      program->room_owed[stream] = 0;
    }
}

static void unlink_kept(struct kept *kept) {
  if (kept->previous) kept->previous->next = kept->next;
  else oldest = kept->next;
  if (kept->next) kept->next->previous = kept->previous;
  else newest = kept->previous;
}

static void forget(struct program *program) {
  struct program **link = &programs;
  while (*link != program) link = &(*link)->next;
  *link = program->next;
  program_count--;
  free(program);
}
