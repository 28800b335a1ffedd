/* The agent: started once, its end is the sandbox's end. */
#ifndef WINDOWBOX_AGENT_H
#define WINDOWBOX_AGENT_H

#include <stdbool.h>
#include <sys/types.h>

#include "frame.h"

void agent_start(char **arguments);
pid_t agent_pid(void);
/* Descriptors to watch. */
int agent_output(void);
int agent_input(void);
bool agent_wants_write(void);
/* More is waiting for the agent than it should: no more is to be read from the host. */
bool agent_is_full(void);
void agent_send(const struct frame *frame);
/* Both end the program when the agent has gone or breaks the protocol. */
void agent_read(void);
void agent_write(void);

#endif
