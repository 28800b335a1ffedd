#include "bytes.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

unsigned char *bytes_room(struct bytes *queue, size_t length) {
  if (queue->start == queue->end) queue->start = queue->end = 0;
  if (queue->capacity - queue->end < length && queue->start > 0) {
    memmove(queue->data, queue->data + queue->start, queue->end - queue->start);
    queue->end -= queue->start;
    queue->start = 0;
  }
  if (queue->capacity - queue->end < length) {
    size_t capacity = queue->capacity ? queue->capacity : 65536;
    while (capacity - queue->end < length) capacity *= 2;
    unsigned char *data = realloc(queue->data, capacity);
    if (!data) die("out of memory");
    queue->data = data;
    queue->capacity = capacity;
  }
  return queue->data + queue->end;
}

void bytes_append(struct bytes *queue, const void *data, size_t length) {
  memcpy(bytes_room(queue, length), data, length);
  queue->end += length;
}

void bytes_drop(struct bytes *queue, size_t length) { queue->start += length; }

void bytes_clear(struct bytes *queue) { queue->start = queue->end = 0; }

void *must_allocate(size_t length) {
  void *memory = malloc(length);
  if (!memory) die("out of memory");
  return memory;
}

uint16_t get_u16(const unsigned char *at) { return (uint16_t)(at[0] | at[1] << 8); }

uint32_t get_u32(const unsigned char *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint64_t get_u64(const unsigned char *at) { return (uint64_t)get_u32(at) | (uint64_t)get_u32(at + 4) << 32; }

void put_u32(unsigned char *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(value >> 8 * i);
}

void put_u64(unsigned char *at, uint64_t value) {
  put_u32(at, (uint32_t)value);
  put_u32(at + 4, (uint32_t)(value >> 32));
}
