/* Memory and processor of the guest, as the host shows them beside those of the whole VM. */
#include "vm.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

static unsigned long long meminfo(const char *name);
static unsigned count_processes(void);

int read_numbers(struct answer *answer) {
  unsigned long long user = 0, nice = 0, kernel = 0;
  FILE *file = fopen("/proc/stat", "re");
  if (file == NULL || fscanf(file, "cpu %llu %llu %llu", &user, &nice, &kernel) != 3) return fail(answer, "Cannot read", "/proc/stat");
  fclose(file);
  /* Ticks of a hundredth of a second; kibibytes. */
  snprintf(answer->text, sizeof answer->text, "user=%llu\nkernel=%llu\ntotal=%llu\navailable=%llu\nanonymous=%llu\nprocesses=%u\n",
           user + nice, kernel, meminfo("MemTotal"), meminfo("MemAvailable"), meminfo("AnonPages"), count_processes());
  return 0;
}

static unsigned long long meminfo(const char *name) {
  char line[128];
  unsigned long long value = 0;
  FILE *file = fopen("/proc/meminfo", "re");
  if (file == NULL) return 0;
  while (fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') value = strtoull(line + strlen(name) + 1, NULL, 10);
  fclose(file);
  return value;
}

/* Those with a command line: the kernel's own have none. */
static unsigned count_processes(void) {
  DIR *names = opendir("/proc");
  unsigned count = 0;
  for (struct dirent *entry; names != NULL && (entry = readdir(names)) != NULL;) {
    char path[300];
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
    FILE *file = fopen(path, "re");
    if (file == NULL) continue;
    if (fgetc(file) != EOF) count++;
    fclose(file);
  }
  if (names != NULL) closedir(names);
  return count;
}
