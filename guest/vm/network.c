/* Names, addresses and the way to the world, when the container begins and whenever its networks change. The cards: cards.c. */
#include "vm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* No more ways to the world than this are looked for when they are taken away. */
#define MOST_ROUTES 16

static int open_low_ports(struct answer *answer);
static int raise_loopback(struct answer *answer);
static int set_gateway(const char *text, struct answer *answer);
static int set_gateway6(const char *text, struct answer *answer);
static int read_gateway(const char *text, int family, char *card, void *address, struct answer *answer);

/* hosts=TEXT resolver=TEXT [card=...]... [gateway=NUMBER A.B.C.D] [gateway6=NUMBER X::Z], where NUMBER is a card's. All of it each time. */
int set_up_network(const struct request *request, struct answer *answer) {
  const char *hosts = value_of(request, "hosts"), *resolver = value_of(request, "resolver");
  if (hosts != NULL && write_text(ROOT "/etc/hosts", hosts) != 0) return fail(answer, "Cannot write", "hosts");
  if (resolver != NULL && write_text(ROOT "/etc/resolv.conf", resolver) != 0) return fail(answer, "Cannot write", "resolv.conf");
  if (open_low_ports(answer) != 0 || raise_loopback(answer) != 0 || set_up_cards(request, answer) != 0) return -1;
  return set_gateway(value_of(request, "gateway"), answer) != 0 ? -1 : set_gateway6(value_of(request, "gateway6"), answer);
}

/* Windows lets every program listen below 1024 and ping; its user here has no capabilities to be asked for. */
static int open_low_ports(struct answer *answer) {
  if (write_text("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0") != 0) return fail(answer, "Cannot open", "ports below 1024");
  return write_text("/proc/sys/net/ipv4/ping_group_range", "0 2147483647") == 0 ? 0 : fail(answer, "Cannot allow", "ping");
}

static int raise_loopback(struct answer *answer) {
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return fail(answer, "Cannot make", "socket");
  int result = raise_interface(control, "lo", answer);
  close(control);
  return result;
}

int raise_interface(int control, const char *name, struct answer *answer) {
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (ioctl(control, SIOCGIFFLAGS, &request) != 0) return fail(answer, "Cannot find network card", name);
  request.ifr_flags |= IFF_UP;
  return ioctl(control, SIOCSIFFLAGS, &request) == 0 ? 0 : fail(answer, "Cannot raise", name);
}

int set_address(int control, const char *name, const char *text, struct answer *answer) {
  char plain[64];
  snprintf(plain, sizeof plain, "%s", text);
  char *slash = strchr(plain, '/');
  int prefix = slash == NULL ? 32 : atoi(slash + 1);
  if (slash != NULL) *slash = 0;
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  struct sockaddr_in *inet = (struct sockaddr_in *)&request.ifr_addr;
  inet->sin_family = AF_INET;
  if (inet_pton(AF_INET, plain, &inet->sin_addr) != 1) {
    errno = EINVAL;
    return fail(answer, "Cannot read", text);
  }
  if (ioctl(control, SIOCSIFADDR, &request) != 0) return fail(answer, "Cannot set address", text);
  inet->sin_addr.s_addr = htonl(prefix == 0 ? 0 : 0xffffffffu << (32 - prefix));
  return ioctl(control, SIOCSIFNETMASK, &request) == 0 ? 0 : fail(answer, "Cannot set mask", text);
}

/* NULL: there is none any more. */
static int set_gateway(const char *text, struct answer *answer) {
  char card[IFNAMSIZ];
  struct rtentry route = {0};
  struct sockaddr_in *gateway = (struct sockaddr_in *)&route.rt_gateway;
  route.rt_dst.sa_family = route.rt_genmask.sa_family = gateway->sin_family = AF_INET;
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return fail(answer, "Cannot make", "socket");
  for (int i = 0; i < MOST_ROUTES && ioctl(control, SIOCDELRT, &route) == 0;) i++;
  int result = 0;
  if (text != NULL) {
    result = read_gateway(text, AF_INET, card, &gateway->sin_addr, answer);
    route.rt_flags = RTF_UP | RTF_GATEWAY;
    route.rt_dev = card;
    if (result == 0 && ioctl(control, SIOCADDRT, &route) != 0) result = fail(answer, "Cannot set gateway", text);
  }
  close(control);
  return result;
}

/* As the kernel takes them (linux/ipv6.h, linux/ipv6_route.h): those headers and libc's do not go together. */
struct address6_request {
  struct in6_addr address;
  uint32_t prefix;
  int index;
};
struct route6_request {
  struct in6_addr destination, source, gateway;
  uint32_t type;
  uint16_t destination_length, source_length;
  uint32_t metric;
  unsigned long info;
  uint32_t flags;
  int index;
};

/* The address is ours at once: whoever gave it has seen to it that nobody else has it. */
int set_address6(const char *name, const char *text, struct answer *answer) {
  char plain[64], setting[80];
  snprintf(plain, sizeof plain, "%s", text);
  char *slash = strchr(plain, '/');
  struct address6_request address = {.prefix = slash == NULL ? 128 : (uint32_t)atoi(slash + 1), .index = (int)if_nametoindex(name)};
  if (slash != NULL) *slash = 0;
  if (inet_pton(AF_INET6, plain, &address.address) != 1) {
    errno = EINVAL;
    return fail(answer, "Cannot read", text);
  }
  for (int i = 0; i < 2; i++) {
    snprintf(setting, sizeof setting, "/proc/sys/net/ipv6/conf/%s/%s", name, i == 0 ? "accept_dad" : "accept_ra");
    if (write_text(setting, "0") != 0) return fail(answer, "Cannot prepare IPv6 of", name);
  }
  int control = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return fail(answer, "Cannot make", "socket of IPv6");
  int result = ioctl(control, SIOCSIFADDR, &address) == 0 ? 0 : fail(answer, "Cannot set address", text);
  close(control);
  return result;
}

static int set_gateway6(const char *text, struct answer *answer) {
  char card[IFNAMSIZ];
  /* As it is, any one is meant; as one to add, it names its gateway. */
  struct route6_request route = {.metric = 1024, .flags = RTF_UP};
  int control = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return text == NULL ? 0 : fail(answer, "Cannot make", "socket of IPv6");
  for (int i = 0; i < MOST_ROUTES && ioctl(control, SIOCDELRT, &route) == 0;) i++;
  int result = 0;
  if (text != NULL) {
    result = read_gateway(text, AF_INET6, card, &route.gateway, answer);
    route.flags |= RTF_GATEWAY;
    route.index = result == 0 ? (int)if_nametoindex(card) : 0;
    if (result == 0 && ioctl(control, SIOCADDRT, &route) != 0) result = fail(answer, "Cannot set gateway", text);
  }
  close(control);
  return result;
}

static int read_gateway(const char *text, int family, char *card, void *address, struct answer *answer) {
  int number;
  char plain[64];
  if (sscanf(text, "%d %63s", &number, plain) == 2 && number >= 0 && number < CARDS && inet_pton(family, plain, address) == 1) {
    snprintf(card, IFNAMSIZ, "eth%d", number);
    return 0;
  }
  errno = EINVAL;
  return fail(answer, "Cannot read gateway", text);
}
