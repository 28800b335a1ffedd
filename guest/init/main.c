/* Process 1 of a sandbox: one loop over the host, the agent, and the children that end. See guest/protocol.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"
#include "host.h"
#include "options.h"
#include "say.h"
#include "shutdown.h"
#include "transport.h"

enum { SIGNALS, LISTENER, HOST, AGENT_OUTPUT, AGENT_INPUT, WATCHED };

static int take_signals(void);
static int timeout_ms(void);
static void handle_signals(int fd);
static void handle_host(short events);

int main(int count, char **arguments) {
  struct options options = parse_options(count, arguments);
  int signals = take_signals();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  transport_open(&options);
  agent_start(options.agent);
  for (;;) {
    struct pollfd watched[WATCHED] = {
        [SIGNALS] = {signals, POLLIN, 0},
        [LISTENER] = {transport_listener(), POLLIN, 0},
        [HOST] = {transport_host(), (short)((agent_is_full() ? 0 : POLLIN) | (host_wants_write() ? POLLOUT : 0)), 0},
        [AGENT_OUTPUT] = {shutdown_is_on() ? -1 : agent_output(), POLLIN, 0},
        [AGENT_INPUT] = {agent_wants_write() && !shutdown_is_on() ? agent_input() : -1, POLLOUT, 0},
    };
    if (poll(watched, WATCHED, timeout_ms()) < 0 && errno != EINTR) die("cannot poll");
    if (watched[SIGNALS].revents) handle_signals(signals);
    if (shutdown_is_on()) shutdown_go_on(options.reboot);
    if (watched[AGENT_OUTPUT].revents && !shutdown_is_on()) agent_read();
    if (watched[HOST].revents) handle_host(watched[HOST].revents);
    if ((watched[LISTENER].revents || transport_retry_ms() >= 0) && transport_accept()) host_reset();
    if (agent_wants_write() && !shutdown_is_on()) agent_write();
  }
}

static int take_signals(void) {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGCHLD);
  sigaddset(&taken, SIGTERM);
  sigprocmask(SIG_BLOCK, &taken, NULL);
  signal(SIGPIPE, SIG_IGN);
  int fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) die("cannot take signals");
  return fd;
}

static int timeout_ms(void) { return shutdown_is_on() ? shutdown_retry_ms() : transport_retry_ms(); }

static void handle_signals(int fd) {
  struct signalfd_siginfo signal_info;
  while (read(fd, &signal_info, sizeof signal_info) == sizeof signal_info)
    if (signal_info.ssi_signo == SIGTERM) shutdown_begin();
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == agent_pid() && !shutdown_is_on()) die("the agent has ended with wait status %d", status);
}

static void handle_host(short events) {
  bool fine = !(events & POLLIN) || host_read(transport_host());
  if (fine && !(events & POLLIN) && (events & (POLLHUP | POLLERR))) fine = false;
  if (fine && host_wants_write()) fine = host_write(transport_host());
  if (fine) return;
  host_reset();
  transport_hang_up();
}
