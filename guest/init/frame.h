/* The header of a frame, as guest/protocol.h has it. */
#ifndef WINDOWBOX_FRAME_H
#define WINDOWBOX_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"

struct frame {
  uint32_t length;
  uint8_t type;
  uint8_t stream;
  uint32_t process;
  uint64_t number;
  const unsigned char *payload;
};

enum frame_state { FRAME_WHOLE, FRAME_PARTIAL, FRAME_BROKEN };

/* The frame at the front of `queue`; its payload stays in the queue. Broken: no such frame may exist. */
enum frame_state frame_peek(const struct bytes *queue, struct frame *frame);
void frame_put_header(unsigned char *at, const struct frame *frame);
void frame_append(struct bytes *queue, const struct frame *frame);

#endif
