/*
 * Where the host is: a listening unix socket whose newest connection counts, or a virtio-serial port that is always open and on
 * which the host comes and goes. Both give: a descriptor to read and write, or -1 while there is no host.
 */
#ifndef WINDOWBOX_TRANSPORT_H
#define WINDOWBOX_TRANSPORT_H

#include <poll.h>
#include <stdbool.h>

#include "options.h"

void transport_open(const struct options *options);
/* True: a stream begins or ends anywhere in the bytes (a port), so a reader must look for the beginning of a session. */
bool transport_is_port(void);
/* The host's descriptor; -1 while there is none. */
int transport_host(void);
/* Descriptor to watch for a new host; -1 when there is none to watch, and then `transport_accept` wants to be asked again in
 * `transport_retry_ms`. */
int transport_listener(void);
int transport_retry_ms(void);
/* Takes a new host where there is one. True: a new session begins. */
bool transport_accept(void);
void transport_hang_up(void);

#endif
