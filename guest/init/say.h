/* Lines on standard error, which the runtime keeps for its log. */
#ifndef WINDOWBOX_SAY_H
#define WINDOWBOX_SAY_H

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says it and ends init with 1, and with it the whole sandbox. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
