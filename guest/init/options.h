#ifndef WINDOWBOX_OPTIONS_H
#define WINDOWBOX_OPTIONS_H

#include <stdbool.h>

struct options {
  const char *socket_path; /* one of these three */
  int listen_fd;
  const char *port_path;
  bool reboot;        /* at the end, when init is process 1 of a machine */
  char **agent;       /* argument array, ends with null */
};

/* Ends the program after --help, or with 2 when the arguments make no sense. */
struct options parse_options(int count, char **arguments);

#endif
