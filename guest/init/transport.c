#include "transport.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "say.h"

enum { PORT_RETRY_MS = 20 };

static int listener = -1, port = -1, host = -1;

static int listen_on(const char *path);

void transport_open(const struct options *options) {
  if (options->port_path) {
    port = open(options->port_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (port < 0) die("cannot open %s: %s", options->port_path, strerror(errno));
    host = port;
    return;
  }
  listener = options->socket_path ? listen_on(options->socket_path) : options->listen_fd;
  if (fcntl(listener, F_SETFD, FD_CLOEXEC) < 0 || fcntl(listener, F_SETFL, O_NONBLOCK) < 0)
    die("cannot use the listening socket: %s", strerror(errno));
}

bool transport_is_port(void) { return port >= 0; }

int transport_host(void) { return host; }

int transport_listener(void) { return listener; }

int transport_retry_ms(void) { return port >= 0 && host < 0 ? PORT_RETRY_MS : -1; }

bool transport_accept(void) {
  if (port >= 0) {
    if (host >= 0) return false;
    struct pollfd state = {.fd = port, .events = POLLIN};
    if (poll(&state, 1, 0) < 0 || (state.revents & POLLHUP)) return false;
    host = port;
    return true;
  }
  int connection = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (connection < 0) return false;
  if (host >= 0) close(host);
  host = connection;
  return true;
}

void transport_hang_up(void) {
  if (host >= 0 && host != port) close(host);
  host = -1;
}

static int listen_on(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) die("socket path is too long: %s", path);
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink(path);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || chmod(path, 0600) < 0 || listen(fd, 4) < 0)
    die("cannot listen on %s: %s", path, strerror(errno));
  return fd;
}
