#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../protocol.h"
#include "host.h"
#include "programs.h"
#include "say.h"

enum { PIPE_SIZE = 1 << 20, READ_SIZE = 1 << 20, FULL = 4 << 20 };

static int input = -1, output = -1;
static pid_t pid;
static struct bytes incoming, outgoing;

static void handle(const struct frame *frame);
static void handle_numbered(struct program *program, const struct frame *frame);

void agent_start(char **arguments) {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) die("cannot make a pipe: %s", strerror(errno));
  pid = fork();
  if (pid < 0) die("cannot fork: %s", strerror(errno));
  if (pid == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    /* Wine makes a console of a terminal among its streams, and the consoles of programs could not be reached from another console. */
    if (isatty(STDERR_FILENO)) dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    if (dup2(in[0], STDIN_FILENO) >= 0 && dup2(out[1], STDOUT_FILENO) >= 0) execvp(arguments[0], arguments);
    die("cannot start %s: %s", arguments[0], strerror(errno));
  }
  close(in[0]);
  close(out[1]);
  input = in[1];
  output = out[0];
  fcntl(input, F_SETFL, O_NONBLOCK);
  fcntl(output, F_SETFL, O_NONBLOCK);
  /* Only speed hangs on these two: an unprivileged user may have used up what it may have. */
  fcntl(input, F_SETPIPE_SZ, PIPE_SIZE);
  fcntl(output, F_SETPIPE_SZ, PIPE_SIZE);
}

pid_t agent_pid(void) { return pid; }
int agent_output(void) { return output; }
int agent_input(void) { return input; }
bool agent_wants_write(void) { return bytes_length(&outgoing) > 0; }
bool agent_is_full(void) { return bytes_length(&outgoing) > FULL; }

void agent_send(const struct frame *frame) { frame_append(&outgoing, frame); }

void agent_write(void) {
  ssize_t length = write(input, bytes_first(&outgoing), bytes_length(&outgoing));
  if (length > 0) bytes_drop(&outgoing, (size_t)length);
  else if (errno != EAGAIN && errno != EINTR) die("the agent does not read: %s", strerror(errno));
}

void agent_read(void) {
  ssize_t length = read(output, bytes_room(&incoming, READ_SIZE), READ_SIZE);
  if (length == 0) die("the agent has ended");
  if (length < 0 && errno != EAGAIN && errno != EINTR) die("cannot read from the agent: %s", strerror(errno));
  if (length < 0) return;
  incoming.end += (size_t)length;
  struct frame frame;
  enum frame_state state;
  while ((state = frame_peek(&incoming, &frame)) == FRAME_WHOLE) {
    handle(&frame);
    bytes_drop(&incoming, WB_HEADER + frame.length);
  }
  if (state == FRAME_BROKEN) die("the agent sent no frame");
}

static void handle(const struct frame *frame) {
  struct program *program = program_find(frame->process);
  switch (frame->type) {
    case WB_READY: host_agent_ready(); return;
    case WB_TOP_REPLY:
    case WB_DIAGNOSTIC: host_send(frame); return;
    case WB_CREDIT_STDIN:
      if (!program || frame->length != 4) return;
      program->stdin_room += get_u32(frame->payload);
      if (program->stdin_room > WB_WINDOW) die("the agent grants more than the window");
      host_send(frame);
      return;
    default:
      if (program && !program->over) handle_numbered(program, frame);
  }
}

static void handle_numbered(struct program *program, const struct frame *frame) {
  if (frame->type == WB_STARTED && frame->length == 4) program->pid = get_u32(frame->payload);
  else if (frame->type == WB_START_FAILED || frame->type == WB_EXITED) program->over = true;
  else if (frame->type != WB_OUTPUT) return;
  if (!kept_add(program, frame)) die("the agent sent more than it had room for");
}
