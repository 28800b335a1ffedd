#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "Usage: windowbox-init (--socket PATH | --listen-fd N | --port DEVICE) [--reboot] -- PROGRAM [ARGUMENT...]\n"
    "\n"
    "Process 1 of a Windowbox sandbox: starts PROGRAM (the agent, under Wine), carries frames between it and\n"
    "the host, reaps. The frames are described in guest/protocol.h.\n"
    "\n"
    "  --socket PATH    make and listen on this unix socket (mode 0600)\n"
    "  --listen-fd N    the same on an open descriptor that is listening\n"
    "  --port DEVICE    talk through a virtio-serial port\n"
    "  --reboot         at the end sync and restart the machine, which ends a VM that was started with -no-reboot\n"
    "\n"
    "Ends with 0 after SHUTDOWN or SIGTERM, with 1 when the agent or Wine has died.\n";

struct options parse_options(int count, char **arguments) {
  static const struct option known[] = {
      {"socket", required_argument, NULL, 's'}, {"listen-fd", required_argument, NULL, 'l'},
      {"port", required_argument, NULL, 'p'},   {"reboot", no_argument, NULL, 'r'},
      {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
  };
  struct options options = {.listen_fd = -1};
  int transports = 0;
  for (int letter; (letter = getopt_long(count, arguments, "+h", known, NULL)) != -1;) {
    switch (letter) {
      case 's': options.socket_path = optarg, transports++; break;
      case 'l': options.listen_fd = atoi(optarg), transports++; break;
      case 'p': options.port_path = optarg, transports++; break;
      case 'r': options.reboot = true; break;
      case 'h': fputs(help, stdout), exit(0);
      default: fputs(help, stderr), exit(2);
    }
  }
  if (transports != 1 || optind >= count) fputs(help, stderr), exit(2);
  options.agent = arguments + optind;
  return options;
}
