#include "shutdown.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

enum { LIMIT_SECONDS = 10, RETRY_MS = 20 };

static bool on;
static time_t deadline;
static pid_t wineserver;

static pid_t find_wineserver(void);
static time_t seconds(void);

void shutdown_begin(void) {
  if (on) return;
  on = true;
  deadline = seconds() + LIMIT_SECONDS;
  wineserver = find_wineserver();
  if (wineserver > 0) kill(wineserver, SIGINT);
}

bool shutdown_is_on(void) { return on; }

int shutdown_retry_ms(void) { return on ? RETRY_MS : -1; }

void shutdown_go_on(bool reboot_machine) {
  bool running = wineserver > 0 && kill(wineserver, 0) == 0;
  if (running && seconds() < deadline) return;
  if (running) say("wineserver did not end within %d s: the registry may be old", LIMIT_SECONDS);
  if (getpid() == 1) kill(-1, SIGKILL);
  if (reboot_machine) {
    sync();
    reboot(RB_AUTOBOOT);
  }
  _exit(running ? 1 : 0);
}

static pid_t find_wineserver(void) {
  DIR *processes = opendir("/proc");
  if (!processes) return 0;
  pid_t found = 0;
  for (struct dirent *entry; !found && (entry = readdir(processes));) {
    pid_t pid = (pid_t)atoi(entry->d_name);
    char path[64], name[32] = "";
    if (pid <= 0) continue;
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file) continue;
    if (fgets(name, sizeof name, file) && strncmp(name, "wineserver", 10) == 0) found = pid;
    fclose(file);
  }
  closedir(processes);
  return found;
}

static time_t seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}
