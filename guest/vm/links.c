/* Which files with several names were copied already, and where to: programs such as package managers make them by the thousand. */
#include "vm.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 65536

struct copied {
  struct copied *next;
  ino_t file;
  char path[];
};

static struct copied *buckets[BUCKETS];

const char *find_copied(ino_t file) {
  for (const struct copied *at = buckets[file % BUCKETS]; at != NULL; at = at->next)
    if (at->file == file) return at->path;
  return NULL;
}

/* Without memory for it the next name becomes a file of its own. */
void note_copied(ino_t file, const char *path) {
  struct copied *entry = malloc(sizeof *entry + strlen(path) + 1);
  if (entry == NULL) return;
  entry->file = file;
  strcpy(entry->path, path);
  entry->next = buckets[file % BUCKETS];
  buckets[file % BUCKETS] = entry;
}

void forget_copied(void) {
  for (size_t i = 0; i < BUCKETS; i++)
    for (struct copied *at = buckets[i], *next; at != NULL; at = next) {
      next = at->next;
      free(at);
      buckets[i] = next;
    }
}
