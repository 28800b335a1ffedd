#include "agent.h"

void control_send(const struct program *program, DWORD event) {
  (void)program;
  (void)event;
}
