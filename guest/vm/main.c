/*
 * vm-init, process 1 of the utility VM. Brings the machine up, starts windowbox-init (the broker of guest/init) with Wine behind it,
 * and then serves the host: one act at a time on the control port, files in a process of their own.
 */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BROKER "/usr/lib/windowbox/windowbox-init"
#define AGENT "/usr/lib/windowbox/agent.exe"

static pid_t broker = -1;
/* -1: it runs; else its exit code. */
static int broker_ended = -1;
static int broker_stopped;

static void die(const char *what, const char *why);
static int install_programs(struct answer *answer);
static void serve_control(int port, int children);
static void answer_one(int port, int children);
static int act(const struct request *request, struct answer *answer, int children);
static int wait_for_broker(int children, struct answer *answer);
static void reap(int children);
static int read_all(int port, void *buffer, size_t length);
static int write_all(int port, const void *buffer, size_t length);
static void run_broker(void);

int main(void) {
  struct answer answer = {{0}};
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  signal(SIGPIPE, SIG_IGN);
  if (set_up_machine(&answer) != 0 || install_programs(&answer) != 0) die("boot", answer.text);
  int children = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  char path[32];
  snprintf(path, sizeof path, "/dev/vport0p%d", VM_PORT_CONTROL);
  int port = open(path, O_RDWR | O_CLOEXEC);
  if (port < 0) die("control port", strerror(errno));
  snprintf(path, sizeof path, "/dev/vport0p%d", VM_PORT_FILES);
  if (fork() == 0) {
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
    serve_files(path);
  }
  if (start_broker(&answer) != 0) die("broker", answer.text);
  serve_control(port, children);
}

/* What is printed here is on the VM's console, which the host keeps the end of. */
static void die(const char *what, const char *why) {
  fprintf(stderr, "windowbox: %s: %s\n", what, why);
  fflush(stderr);
  sync();
  reboot(RB_POWER_OFF);
  for (;;) pause();
}

static int install_programs(struct answer *answer) {
  static const char *const programs[][2] = {{"/windowbox-init", BROKER}, {"/agent.exe", AGENT}};
  make_folders(ROOT "/usr/lib/windowbox", 0755);
  for (size_t i = 0; i < 2; i++) {
    char path[128];
    snprintf(path, sizeof path, ROOT "%s", programs[i][1]);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    if (file < 0) return fail(answer, "Cannot make", path);
    close(file);
    if (mount(programs[i][0], path, NULL, MS_BIND, NULL) != 0) return fail(answer, "Cannot mount", path);
  }
  return 0;
}

/* The broker is process 1 of a namespace of its own: when it ends, so does everything of Wine's. */
int start_broker(struct answer *answer) {
  broker_ended = -1;
  broker_stopped = 0;
  broker = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, 0);
  if (broker == 0) run_broker();
  if (broker < 0) return fail(answer, "Cannot start", BROKER);
  write_text("/proc/self/oom_score_adj", "-1000");
  return 0;
}

static void run_broker(void) {
  static char *const arguments[] = {BROKER, "--port", "/dev/agent-port", "--", "/usr/lib/wine/wine64", AGENT, NULL};
  static char *const environment[] = {"PATH=/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", "WINEPREFIX=/c", "WINEDEBUG=-all", "XDG_RUNTIME_DIR=/tmp",
                                      "WINELOADER=/usr/lib/wine/wine64", "WINESERVER=/usr/lib/wine/wineserver64", NULL};
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  /* When memory runs out, the largest program goes, and not the process that tells the host of it. */
  write_text("/proc/self/oom_score_adj", "0");
  struct stat status;
  char path[32];
  snprintf(path, sizeof path, "/dev/vport0p%d", VM_PORT_AGENT);
  unlink(ROOT "/dev/agent-port");
  if (stat(path, &status) != 0 || mknod(ROOT "/dev/agent-port", S_IFCHR | 0600, status.st_rdev) != 0 ||
      chown(ROOT "/dev/agent-port", VM_USER, VM_USER) != 0 || chroot(ROOT) != 0 || chdir("/") != 0 || setsid() < 0 ||
      mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0 || setgid(VM_USER) != 0 || setuid(VM_USER) != 0)
    _exit(126);
  execve(BROKER, arguments, environment);
  _exit(127);
}

static void serve_control(int port, int children) {
  for (;;) {
    struct pollfd polls[] = {{.fd = port, .events = POLLIN}, {.fd = children, .events = POLLIN}};
    if (poll(polls, 2, -1) < 0 && errno != EINTR) die("poll", strerror(errno));
    if (polls[1].revents != 0) reap(children);
    /* Ended in order (0) or because the host asked for it: there is more to do. Else nothing can run here any more. */
    if (broker_ended > 0 && !broker_stopped) die("broker", "the agent or Wine ended");
    if (polls[0].revents & POLLIN) answer_one(port, children);
    /* No daemon on the other side: the port says so at once, each time. */
    else if (polls[0].revents & POLLHUP) usleep(20000);
  }
}

static void answer_one(int port, int children) {
  static struct request request;
  uint32_t length;
  if (read_all(port, &length, sizeof length) != 0) return;
  if (length > VM_REQUEST_MAX) die("control port", "request too long");
  if (read_all(port, request.bytes, length) != 0) return;
  request.length = length;
  request.bytes[length] = 0;
  struct answer answer = {{0}};
  unsigned char status = act(&request, &answer, children) == 0 ? VM_OK : VM_FAILED;
  uint32_t size = (uint32_t)strlen(answer.text) + 1;
  unsigned char head[5];
  memcpy(head, &size, 4);
  head[4] = status;
  if (write_all(port, head, sizeof head) == 0) write_all(port, answer.text, size - 1);
}

static int act(const struct request *request, struct answer *answer, int children) {
  const char *name = request->bytes;
  if (strcmp(name, "ping") == 0) {
    keep_clock(request);
    snprintf(answer->text, sizeof answer->text, "%d", broker_ended);
    return 0;
  }
  if (strcmp(name, "begin") == 0)
    return take_identity(request, answer) != 0 || set_up_network(request, answer) != 0 ? -1 : attach_layer(request, answer);
  if (strcmp(name, "network") == 0) return set_up_network(request, answer);
  if (strcmp(name, "merge") == 0) return merge_layer(answer);
  if (strcmp(name, "numbers") == 0) return read_numbers(answer);
  if (strcmp(name, "stop-wine") == 0) {
    broker_stopped = 1;
    if (broker_ended < 0) kill(broker, SIGKILL);
    return wait_for_broker(children, answer);
  }
  if (strcmp(name, "start-wine") == 0) return start_broker(answer);
  if (strcmp(name, "wait-wine") == 0) return wait_for_broker(children, answer);
  if (strcmp(name, "power-off") == 0) die("power off", "asked for");
  snprintf(answer->text, sizeof answer->text, "Unknown act \"%.100s\"", name);
  return -1;
}

static int wait_for_broker(int children, struct answer *answer) {
  for (int i = 0; i < 2000 && broker_ended < 0; i++) {
    struct pollfd poll_children = {.fd = children, .events = POLLIN};
    poll(&poll_children, 1, 10);
    reap(children);
  }
  if (broker_ended >= 0) return 0;
  errno = ETIMEDOUT;
  return fail(answer, "Cannot wait for", BROKER);
}

static void reap(int children) {
  struct signalfd_siginfo info;
  int status;
  while (read(children, &info, sizeof info) > 0) continue;
  for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
    if (ended == broker) broker_ended = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int read_all(int port, void *buffer, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t count = read(port, (char *)buffer + done, length - done);
    if (count == 0 || (count < 0 && errno != EINTR)) return -1;
    if (count > 0) done += (size_t)count;
  }
  return 0;
}

static int write_all(int port, const void *buffer, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t count = write(port, (const char *)buffer + done, length - done);
    if (count < 0 && errno != EINTR) return -1;
    if (count > 0) done += (size_t)count;
  }
  return 0;
}
