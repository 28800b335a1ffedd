/*
 * The end of the sandbox, in order: wineserver gets SIGINT, on which it ends every Windows process and writes the registry; then
 * everything else is killed.
 */
#ifndef WINDOWBOX_SHUTDOWN_H
#define WINDOWBOX_SHUTDOWN_H

#include <stdbool.h>

void shutdown_begin(void);
bool shutdown_is_on(void);
/* Called when children have ended, and when the time is up; returns only when there is more to wait for. */
void shutdown_go_on(bool reboot_machine);
int shutdown_retry_ms(void);

#endif
