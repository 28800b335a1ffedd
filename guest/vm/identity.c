/* What must differ between two copies of one template: time, random numbers, names. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static int reseed(const char *hex, struct answer *answer);
static int set_clock(const char *nanoseconds, struct answer *answer);

int take_identity(const struct request *request, struct answer *answer) {
  const char *seed = value_of(request, "seed"), *now = value_of(request, "time");
  const char *hostname = value_of(request, "hostname"), *machine = value_of(request, "machine");
  if (seed == NULL || now == NULL || hostname == NULL || machine == NULL) {
    errno = EINVAL;
    return fail(answer, "Cannot take", "identity");
  }
  if (reseed(seed, answer) != 0 || set_clock(now, answer) != 0) return -1;
  if (sethostname(hostname, strlen(hostname)) != 0) return fail(answer, "Cannot name the machine", hostname);
  if (write_text(ROOT "/etc/machine-id", machine) != 0) return fail(answer, "Cannot write", "machine-id");
  return 0;
}

/* Both copies hold the template's random state: without new entropy and a reseed they would draw the same numbers. */
static int reseed(const char *hex, struct answer *answer) {
  struct {
    struct rand_pool_info info;
    unsigned char bytes[64];
  } pool = {0};
  for (pool.info.buf_size = 0; pool.info.buf_size < 64; pool.info.buf_size++) {
    unsigned byte;
    if (sscanf(hex + 2 * pool.info.buf_size, "%2x", &byte) != 1) break;
    pool.bytes[pool.info.buf_size] = (unsigned char)byte;
    if (hex[2 * pool.info.buf_size + 2] == 0) {
      pool.info.buf_size++;
      break;
    }
  }
  pool.info.entropy_count = pool.info.buf_size * 8;
  memcpy(pool.info.buf, pool.bytes, (size_t)pool.info.buf_size);
  int device = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
  if (device < 0 || ioctl(device, RNDADDENTROPY, &pool.info) != 0 || ioctl(device, RNDRESEEDCRNG) != 0)
    return fail(answer, "Cannot reseed", "urandom");
  close(device);
  return 0;
}

/* A VM that was paused, or that its host starved, is behind. */
void keep_clock(const struct request *request) {
  const char *text = value_of(request, "time");
  struct timespec now;
  struct answer answer;
  if (text == NULL || clock_gettime(CLOCK_REALTIME, &now) != 0) return;
  long long off = strtoll(text, NULL, 10) - (now.tv_sec * 1000000000LL + now.tv_nsec);
  if (off > 500000000 || off < -500000000) set_clock(text, &answer);
}

static int set_clock(const char *nanoseconds, struct answer *answer) {
  unsigned long long value = strtoull(nanoseconds, NULL, 10);
  struct timespec now = {.tv_sec = (time_t)(value / 1000000000), .tv_nsec = (long)(value % 1000000000)};
  return clock_settime(CLOCK_REALTIME, &now) == 0 ? 0 : fail(answer, "Cannot set the clock to", nanoseconds);
}
