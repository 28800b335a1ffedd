/* A queue of bytes that grows, and the little-endian numbers of the protocol. */
#ifndef WINDOWBOX_BYTES_H
#define WINDOWBOX_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
  unsigned char *data;
  size_t start, end, capacity;
};

/* Room for `length` more bytes at the end; the caller fills it and moves `end`. Ends the program when there is no memory. */
unsigned char *bytes_room(struct bytes *queue, size_t length);
void bytes_append(struct bytes *queue, const void *data, size_t length);
void bytes_drop(struct bytes *queue, size_t length);
void bytes_clear(struct bytes *queue);

static inline size_t bytes_length(const struct bytes *queue) { return queue->end - queue->start; }
static inline unsigned char *bytes_first(const struct bytes *queue) { return queue->data + queue->start; }

/* malloc that ends the program instead of failing: a broker without memory cannot keep its promise. */
void *must_allocate(size_t length);

uint16_t get_u16(const unsigned char *at);
uint32_t get_u32(const unsigned char *at);
uint64_t get_u64(const unsigned char *at);
void put_u32(unsigned char *at, uint32_t value);
void put_u64(unsigned char *at, uint64_t value);

#endif
