/* The session with the host: HELLO, frames both ways, acknowledgements. */
#ifndef WINDOWBOX_HOST_H
#define WINDOWBOX_HOST_H

#include <stdbool.h>

#include "frame.h"

/* A new connection: forgets what was half read and half written. */
void host_reset(void);
/* Reads and handles what the host sent. False: the connection is of no more use. */
bool host_read(int fd);
/* Writes what fits. False: as above. */
bool host_write(int fd);
bool host_wants_write(void);
/* A frame from the agent that is not kept: sent when a session is up, else dropped. */
void host_send(const struct frame *frame);
/* The agent takes START from now on. */
void host_agent_ready(void);

#endif
