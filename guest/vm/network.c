/* The one network card: its driver comes up after the template, so that each copy has its own address from the first packet on. */
#include "vm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_low_ports(struct answer *answer);
static int raise_interface(int control, const char *name, struct answer *answer);
static int set_hardware_address(int control, const char *text, struct answer *answer);
static int set_mtu(int control, const char *text, struct answer *answer);
static int set_address(int control, const char *text, struct answer *answer);
static int set_gateway(int control, const char *text, struct answer *answer);
static int set_up_ipv6(const char *address, const char *gateway, struct answer *answer);

/* hosts=TEXT resolver=TEXT [hardware=MAC mtu=N address=A.B.C.D/N [gateway=A.B.C.D] [address6=X::Y/N [gateway6=X::Z]]] */
int set_up_network(const struct request *request, struct answer *answer) {
  const char *hosts = value_of(request, "hosts"), *resolver = value_of(request, "resolver");
  if (hosts != NULL && write_text(ROOT "/etc/hosts", hosts) != 0) return fail(answer, "Cannot write", "hosts");
  if (resolver != NULL && write_text(ROOT "/etc/resolv.conf", resolver) != 0) return fail(answer, "Cannot write", "resolv.conf");
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return fail(answer, "Cannot make", "socket");
  const char *hardware = value_of(request, "hardware"), *address = value_of(request, "address"), *gateway = value_of(request, "gateway");
  const char *mtu = value_of(request, "mtu");
  int result = open_low_ports(answer);
  if (result == 0) result = raise_interface(control, "lo", answer);
  if (result == 0 && hardware != NULL) result = load_modules("/late-modules", answer);
  if (result == 0 && hardware != NULL) result = set_hardware_address(control, hardware, answer);
  if (result == 0 && mtu != NULL) result = set_mtu(control, mtu, answer);
  if (result == 0 && address != NULL) result = set_address(control, address, answer);
  if (result == 0 && hardware != NULL) result = raise_interface(control, "eth0", answer);
  if (result == 0 && gateway != NULL) result = set_gateway(control, gateway, answer);
  close(control);
  const char *address6 = value_of(request, "address6");
  if (result == 0 && address6 != NULL) result = set_up_ipv6(address6, value_of(request, "gateway6"), answer);
  return result;
}

/* Windows lets every program listen below 1024 and ping; its user here has no capabilities to be asked for. */
static int open_low_ports(struct answer *answer) {
  if (write_text("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0") != 0) return fail(answer, "Cannot open", "ports below 1024");
  return write_text("/proc/sys/net/ipv4/ping_group_range", "0 2147483647") == 0 ? 0 : fail(answer, "Cannot allow", "ping");
}

static int raise_interface(int control, const char *name, struct answer *answer) {
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (ioctl(control, SIOCGIFFLAGS, &request) != 0) return fail(answer, "Cannot find network card", name);
  request.ifr_flags |= IFF_UP;
  return ioctl(control, SIOCSIFFLAGS, &request) == 0 ? 0 : fail(answer, "Cannot raise", name);
}

static int set_hardware_address(int control, const char *text, struct answer *answer) {
  struct ifreq request = {.ifr_name = "eth0"};
  unsigned bytes[6];
  if (sscanf(text, "%x:%x:%x:%x:%x:%x", bytes, bytes + 1, bytes + 2, bytes + 3, bytes + 4, bytes + 5) != 6) {
    errno = EINVAL;
    return fail(answer, "Cannot read", text);
  }
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  for (int i = 0; i < 6; i++) request.ifr_hwaddr.sa_data[i] = (char)bytes[i];
  return ioctl(control, SIOCSIFHWADDR, &request) == 0 ? 0 : fail(answer, "Cannot set hardware address", text);
}

static int set_mtu(int control, const char *text, struct answer *answer) {
  struct ifreq request = {.ifr_name = "eth0"};
  request.ifr_mtu = atoi(text);
  return ioctl(control, SIOCSIFMTU, &request) == 0 ? 0 : fail(answer, "Cannot set the longest packet to", text);
}

static int set_address(int control, const char *text, struct answer *answer) {
  char plain[64];
  snprintf(plain, sizeof plain, "%s", text);
  char *slash = strchr(plain, '/');
  int prefix = slash == NULL ? 32 : atoi(slash + 1);
  if (slash != NULL) *slash = 0;
  struct ifreq request = {.ifr_name = "eth0"};
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

static int set_gateway(int control, const char *text, struct answer *answer) {
  struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
  struct sockaddr_in *gateway = (struct sockaddr_in *)&route.rt_gateway;
  ((struct sockaddr_in *)&route.rt_dst)->sin_family = AF_INET;
  ((struct sockaddr_in *)&route.rt_genmask)->sin_family = AF_INET;
  gateway->sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &gateway->sin_addr) != 1) {
    errno = EINVAL;
    return fail(answer, "Cannot read", text);
  }
  return ioctl(control, SIOCADDRT, &route) == 0 ? 0 : fail(answer, "Cannot set gateway", text);
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
static int set_up_ipv6(const char *text, const char *gateway, struct answer *answer) {
  char plain[64];
  snprintf(plain, sizeof plain, "%s", text);
  char *slash = strchr(plain, '/');
  struct address6_request address = {.prefix = slash == NULL ? 128 : (uint32_t)atoi(slash + 1), .index = (int)if_nametoindex("eth0")};
  if (slash != NULL) *slash = 0;
  struct route6_request route = {.metric = 1024, .flags = RTF_UP | RTF_GATEWAY, .index = address.index};
  if (inet_pton(AF_INET6, plain, &address.address) != 1 || (gateway != NULL && inet_pton(AF_INET6, gateway, &route.gateway) != 1)) {
    errno = EINVAL;
    return fail(answer, "Cannot read", text);
  }
  if (write_text("/proc/sys/net/ipv6/conf/eth0/accept_dad", "0") != 0 || write_text("/proc/sys/net/ipv6/conf/eth0/accept_ra", "0") != 0)
    return fail(answer, "Cannot prepare IPv6 of", "eth0");
  int control = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return fail(answer, "Cannot make", "socket of IPv6");
  int result = ioctl(control, SIOCSIFADDR, &address) == 0 ? 0 : fail(answer, "Cannot set address", text);
  if (result == 0 && gateway != NULL && ioctl(control, SIOCADDRT, &route) != 0) result = fail(answer, "Cannot set gateway", gateway);
  close(control);
  return result;
}
