#include "host.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../protocol.h"
#include "agent.h"
#include "programs.h"
#include "say.h"
#include "shutdown.h"
#include "transport.h"

enum { HELLO_LENGTH = 24, READ_SIZE = 262144, WRITE_AHEAD = 262144 };

static struct bytes incoming, outgoing;
static bool session_up, agent_ready;

static bool handle_incoming(void);
static bool begin_session(const struct frame *hello);
static bool is_hello(const struct frame *frame);
static bool handle(const struct frame *frame);
static bool start_program(const struct frame *frame);
static bool feed_program(const struct frame *frame);
static bool acknowledge(const struct frame *frame);
static void give_room(uint32_t process, uint8_t stream, uint32_t room);

void host_reset(void) {
  bytes_clear(&incoming);
  bytes_clear(&outgoing);
  session_up = false;
}

bool host_read(int fd) {
  ssize_t length = read(fd, bytes_room(&incoming, READ_SIZE), READ_SIZE);
  if (length < 0) return errno == EAGAIN || errno == EINTR;
  if (length == 0) return false;
  incoming.end += (size_t)length;
  return handle_incoming();
}

bool host_write(int fd) {
  while (session_up && kept_unsent() && bytes_length(&outgoing) < WRITE_AHEAD) {
    const struct kept *kept = kept_unsent();
    bytes_append(&outgoing, kept->bytes, kept->size);
    kept_mark_sent();
  }
  if (bytes_length(&outgoing) == 0) return true;
  ssize_t length = write(fd, bytes_first(&outgoing), bytes_length(&outgoing));
  if (length < 0) return errno == EAGAIN || errno == EINTR;
  bytes_drop(&outgoing, (size_t)length);
  return true;
}

bool host_wants_write(void) { return bytes_length(&outgoing) > 0 || (session_up && kept_unsent()); }

void host_send(const struct frame *frame) {
  if (session_up) frame_append(&outgoing, frame);
}

void host_agent_ready(void) {
  agent_ready = true;
  host_send(&(struct frame){.type = WB_READY});
}

static bool handle_incoming(void) {
  struct frame frame;
  for (;;) {
    enum frame_state state = frame_peek(&incoming, &frame);
    if (!session_up && (state == FRAME_BROKEN || (bytes_length(&incoming) >= WB_HEADER && !is_hello(&frame)))) {
      if (!transport_is_port()) return false;
      bytes_drop(&incoming, 1);
      continue;
    }
    if (state == FRAME_PARTIAL) return true;
    if (state == FRAME_BROKEN) return false;
    bool fine = session_up && !is_hello(&frame) ? handle(&frame) : begin_session(&frame);
    if (!fine) return false;
    bytes_drop(&incoming, WB_HEADER + frame.length);
  }
}

static bool is_hello(const struct frame *frame) { return frame->type == WB_HELLO && frame->length == HELLO_LENGTH; }

static bool begin_session(const struct frame *hello) {
  if (memcmp(hello->payload, WB_MAGIC, 4) != 0 || get_u32(hello->payload + 4) != WB_VERSION) return transport_is_port();
  session_up = true;
  bytes_clear(&outgoing);
  kept_rewind(get_u64(hello->payload + 8), give_room);
  unsigned char welcome[16];
  memcpy(welcome, WB_MAGIC, 4);
  put_u32(welcome + 4, WB_VERSION);
  memcpy(welcome + 8, hello->payload + 16, 8);
  host_send(&(struct frame){.type = WB_WELCOME, .length = sizeof welcome, .payload = welcome});
  for (const struct program *program = program_first(); program; program = program->next) {
    unsigned char alive[8];
    put_u32(alive, program->pid);
    put_u32(alive + 4, program->stdin_room);
    host_send(&(struct frame){.type = WB_ALIVE, .process = program->number, .length = sizeof alive, .payload = alive});
  }
  if (agent_ready) host_send(&(struct frame){.type = WB_READY});
  return true;
}

static bool handle(const struct frame *frame) {
  switch (frame->type) {
    case WB_ACK: return acknowledge(frame);
    case WB_START: return start_program(frame);
    case WB_STDIN_DATA: return feed_program(frame);
    case WB_STDIN_CLOSE:
    case WB_RESIZE:
    case WB_CONTROL:
    case WB_TERMINATE:
    case WB_TOP:
    case WB_HOSTNAME: agent_send(frame); return true;
    case WB_SHUTDOWN: shutdown_begin(); return true;
    default: return true;
  }
}

static bool start_program(const struct frame *frame) {
  if (!program_add(frame->process)) {
    say("host: START %u refused: number is in use, or too many", frame->process);
    return false;
  }
  agent_send(frame);
  return true;
}

static bool feed_program(const struct frame *frame) {
  struct program *program = program_find(frame->process);
  if (!program || program->over) return true;
  if (frame->length > program->stdin_room) {
    say("host: more standard input for %u than was granted", frame->process);
    return false;
  }
  program->stdin_room -= frame->length;
  agent_send(frame);
  return true;
}

static bool acknowledge(const struct frame *frame) {
  if (frame->length != 8) return false;
  struct program *program = program_find(frame->process);
  if (program) kept_drop(program, get_u64(frame->payload), give_room);
  return true;
}

static void give_room(uint32_t process, uint8_t stream, uint32_t room) {
  unsigned char payload[4];
  put_u32(payload, room);
  agent_send(&(struct frame){
      .type = WB_CREDIT, .stream = stream, .process = process, .length = sizeof payload, .payload = payload});
}
