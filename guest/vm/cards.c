/*
 * The network cards. The machine has all that there can be from its start on; the one that the host connects gets its driver then, and
 * so its interface: programs see no others. A card has the name, the addresses and the number of its endpoint in the container's network namespace.
 */
#include "vm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICES "/sys/bus/virtio/devices"
#define DRIVER "/sys/bus/virtio/drivers/virtio_net"
#define LAST_DEVICE 64

/* By a card's number: its device (empty: not known yet), and what it was set up with (empty: it has no driver). */
static char devices[CARDS][16];
static char settings[CARDS][CARD_MAX];

static int find_setting(const struct request *request, int card, const char **setting);
static int attach(int card, const char *setting, struct answer *answer);
static void detach(int card);
static int bind_card(int card, struct answer *answer);
static int is_network_card(const char *device);
static int interface_of(const char *device, char *name, size_t size);
static int has_hardware(const char *interface, int card);
static int set_up_card(int card, const char *setting, struct answer *answer);
static int name_card(int control, int card, struct answer *answer);
static int set_hardware_address(int control, const char *name, const char *text, struct answer *answer);
static int set_mtu(int control, const char *name, const char *text, struct answer *answer);

/* card=NUMBER HARDWARE MTU ADDRESS/N [ADDRESS6/N], one for each: those go that are not named, or that are named with something else. */
int set_up_cards(const struct request *request, struct answer *answer) {
  const char *wanted[CARDS] = {0};
  for (int card = 0; card < CARDS; card++) {
    if (find_setting(request, card, &wanted[card]) != 0) return fail(answer, "Cannot read", "card");
    if (settings[card][0] != 0 && (wanted[card] == NULL || strcmp(settings[card], wanted[card]) != 0)) detach(card);
  }
  for (int card = 0; card < CARDS; card++)
    if (wanted[card] != NULL && settings[card][0] == 0 && attach(card, wanted[card], answer) != 0) return -1;
  return 0;
}

static int find_setting(const struct request *request, int card, const char **setting) {
  char key[16];
  int length = snprintf(key, sizeof key, "card=%d ", card);
  for (const char *at = next_string(request, NULL); at != NULL; at = next_string(request, at))
    if (strncmp(at, key, (size_t)length) == 0) *setting = at + length;
  errno = EINVAL;
  return *setting != NULL && strlen(*setting) >= CARD_MAX ? -1 : 0;
}

static int attach(int card, const char *setting, struct answer *answer) {
  if (bind_card(card, answer) != 0) return -1;
  snprintf(settings[card], CARD_MAX, "%s", setting);
  if (set_up_card(card, setting, answer) == 0) return 0;
  detach(card);
  return -1;
}

static void detach(int card) {
  write_text(DRIVER "/unbind", devices[card]);
  settings[card][0] = 0;
}

/* Only a card with a driver tells its hardware address. In which order the machine has them is QEMU's affair. */
static int bind_card(int card, struct answer *answer) {
  char name[IFNAMSIZ];
  for (int i = 0; i < LAST_DEVICE; i++) {
    char device[16];
    if (devices[card][0] != 0) memcpy(device, devices[card], sizeof device);
    else snprintf(device, sizeof device, "virtio%d", i);
    if (!is_network_card(device) || interface_of(device, name, sizeof name) == 0) continue;
    if (write_text(DRIVER "/bind", device) != 0 || interface_of(device, name, sizeof name) != 0) break;
    if (has_hardware(name, card)) {
      snprintf(devices[card], sizeof devices[card], "%s", device);
      return 0;
    }
    write_text(DRIVER "/unbind", device);
  }
  char number[8];
  snprintf(number, sizeof number, "%d", card);
  return fail(answer, "Cannot find network card", number);
}

static int is_network_card(const char *device) {
  char path[64], text[16] = "";
  snprintf(path, sizeof path, DEVICES "/%s/device", device);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  return length > 0 && strtol(text, NULL, 16) == 1;
}

static int interface_of(const char *device, char *name, size_t size) {
  char path[64];
  snprintf(path, sizeof path, DEVICES "/%s/net", device);
  DIR *names = opendir(path);
  int found = 0;
  for (struct dirent *entry; names != NULL && !found && (entry = readdir(names)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    found = snprintf(name, size, "%s", entry->d_name) < (int)size;
  }
  if (names != NULL) closedir(names);
  errno = ENODEV;
  return found ? 0 : -1;
}

static int has_hardware(const char *interface, int card) {
  const unsigned char expected[6] = {CARD_HARDWARE, (unsigned char)card};
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int result = control >= 0 && ioctl(control, SIOCGIFHWADDR, &request) == 0 && memcmp(request.ifr_hwaddr.sa_data, expected, sizeof expected) == 0;
  if (control >= 0) close(control);
  return result;
}

static int set_up_card(int card, const char *setting, struct answer *answer) {
  char name[IFNAMSIZ], hardware[32], mtu[16], address[32], address6[64];
  int count = sscanf(setting, "%31s %15s %31s %63s", hardware, mtu, address, address6);
  errno = EINVAL;
  if (count < 3) return fail(answer, "Cannot read card", setting);
  snprintf(name, sizeof name, "eth%d", card);
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return fail(answer, "Cannot make", "socket");
  int result = name_card(control, card, answer);
  if (result == 0) result = set_hardware_address(control, name, hardware, answer);
  if (result == 0) result = set_mtu(control, name, mtu, answer);
  if (result == 0) result = set_address(control, name, address, answer);
  if (result == 0) result = raise_interface(control, name, answer);
  close(control);
  return result == 0 && count > 3 ? set_address6(name, address6, answer) : result;
}

static int name_card(int control, int card, struct answer *answer) {
  struct ifreq request = {0};
  snprintf(request.ifr_newname, sizeof request.ifr_newname, "eth%d", card);
  if (interface_of(devices[card], request.ifr_name, sizeof request.ifr_name) != 0) return fail(answer, "Cannot find network card", devices[card]);
  if (strcmp(request.ifr_name, request.ifr_newname) == 0) return 0;
  return ioctl(control, SIOCSIFNAME, &request) == 0 ? 0 : fail(answer, "Cannot name network card", request.ifr_newname);
}

static int set_hardware_address(int control, const char *name, const char *text, struct answer *answer) {
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  unsigned bytes[6];
  if (sscanf(text, "%x:%x:%x:%x:%x:%x", bytes, bytes + 1, bytes + 2, bytes + 3, bytes + 4, bytes + 5) != 6) {
    errno = EINVAL;
    return fail(answer, "Cannot read", text);
  }
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  for (int i = 0; i < 6; i++) request.ifr_hwaddr.sa_data[i] = (char)bytes[i];
  return ioctl(control, SIOCSIFHWADDR, &request) == 0 ? 0 : fail(answer, "Cannot set hardware address", text);
}

static int set_mtu(int control, const char *name, const char *text, struct answer *answer) {
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  request.ifr_mtu = atoi(text);
  return ioctl(control, SIOCSIFMTU, &request) == 0 ? 0 : fail(answer, "Cannot set the longest packet to", text);
}
