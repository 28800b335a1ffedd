/*
 * What init knows of each program, and the numbered frames that the host has not acknowledged, in order.
 * Frames up to the cursor have been sent in this session.
 */
#ifndef WINDOWBOX_PROGRAMS_H
#define WINDOWBOX_PROGRAMS_H

#include "frame.h"

struct kept {
  struct kept *next, *previous;
  struct program *program;
  struct kept *next_of_program;
  uint64_t number;
  uint8_t type, stream;
  size_t size;
  unsigned char bytes[]; /* header and payload */
};

struct program {
  struct program *next;
  uint32_t number;
  uint32_t pid;
  uint32_t stdin_room;
  size_t window_used[3];
  uint32_t room_owed[3]; /* made, and not yet told to the agent */
  bool over;
  struct kept *first, *last;
};

struct program *program_find(uint32_t number);
/* Null when the number is taken or there are too many. */
struct program *program_add(uint32_t number);
struct program *program_first(void);

/* Numbers the frame and keeps it. False when the agent sent more than there is room for. */
bool kept_add(struct program *program, const struct frame *frame);
/* The first frame that this session has not sent yet. */
struct kept *kept_unsent(void);
void kept_mark_sent(void);
/* A new session: all frames are unsent again, and OUTPUT up to `last` is dropped. `on_room` as for kept_drop. */
typedef void room_function(uint32_t process, uint8_t stream, uint32_t bytes);
void kept_rewind(uint64_t last, room_function *on_room);
/* Drops the program's sent frames up to `last`, and the program itself with its last frame. Tells how much room that made. */
void kept_drop(struct program *program, uint64_t last, room_function *on_room);

#endif
