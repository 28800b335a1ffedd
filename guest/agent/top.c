#include "agent.h"

void top_reply(void) { channel_send(&(struct frame){.type = WB_TOP_REPLY}); }
