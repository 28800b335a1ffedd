#include "frame.h"

#include "../protocol.h"

enum frame_state frame_peek(const struct bytes *queue, struct frame *frame) {
  if (bytes_length(queue) < WB_HEADER) return FRAME_PARTIAL;
  const unsigned char *at = bytes_first(queue);
  frame->length = get_u32(at);
  frame->type = at[4];
  frame->stream = at[5];
  frame->process = get_u32(at + 8);
  frame->number = get_u64(at + 12);
  frame->payload = at + WB_HEADER;
  uint32_t longest = frame->type == WB_START ? WB_START_MAX : WB_PAYLOAD_MAX;
  if (frame->length > longest || get_u16(at + 6) != 0) return FRAME_BROKEN;
  return bytes_length(queue) - WB_HEADER < frame->length ? FRAME_PARTIAL : FRAME_WHOLE;
}

void frame_put_header(unsigned char *at, const struct frame *frame) {
  put_u32(at, frame->length);
  at[4] = frame->type;
  at[5] = frame->stream;
  at[6] = at[7] = 0;
  put_u32(at + 8, frame->process);
  put_u64(at + 12, frame->number);
}

void frame_append(struct bytes *queue, const struct frame *frame) {
  unsigned char header[WB_HEADER];
  frame_put_header(header, frame);
  bytes_append(queue, header, WB_HEADER);
  if (frame->length > 0) bytes_append(queue, frame->payload, frame->length);
}
