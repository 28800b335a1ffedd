/*
 * What the files of vm-init share. vm-init is process 1 of the utility VM: it mounts what Wine needs, starts windowbox-init, and
 * does what the host asks on two virtio-serial ports (control.h).
 */
#ifndef WINDOWBOX_VM_H
#define WINDOWBOX_VM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "control.h"

/* The user that Wine and the programs run as; QEMU's own user on the host has the same number, so that shared folders fit. */
#define VM_USER 64810

/* Where things are, in the guest. C: is put together in STATE; Wine's prefix only points to it, so that it can change under Wine. */
#define ROOT "/root"             /* the runtime root, writable in memory */
#define PREFIX ROOT "/c"         /* Wine's prefix: dosdevices, links to the registry, drive_c */
#define STATE ROOT "/state"      /* the container's file system as the contract's Layer says: *.reg, drive_c */
#define HOST "/host"             /* the host's folders, over 9p */
#define DISK "/disk"             /* what this container writes, until it is merged into the host's folder */
#define DRIVES ROOT "/mnt"       /* whole drives that are mounts: D: is DRIVES/d */

/* Network cards that the machine has, and the first five bytes of what each answers to before it is set up; the last one is its number. */
#define CARDS 8
#define CARD_HARDWARE 0x52, 0x54, 0x00, 0x00, 0x00
#define CARD_MAX 192

/* One request: NUL-terminated strings, the act first. */
struct request {
  char bytes[VM_REQUEST_MAX + 1];
  size_t length;
};

/* An answer's text, or why not. */
struct answer {
  char text[4096];
};

/* Next string after `at` (NULL: the first), NULL at the end. */
const char *next_string(const struct request *request, const char *at);
/* The value of the string that begins with `key` and an equals sign; NULL when there is none. */
const char *value_of(const struct request *request, const char *key);

/* Each returns 0, or -1 with the reason in `answer`. */
int fail(struct answer *answer, const char *what, const char *which);
int make_folders(const char *path, mode_t mode);
int write_text(const char *path, const char *text);

/* boot.c: the device of the drive that the host gave this serial number. */
int find_drive(const char *serial, char *device, size_t size);
/* paths.c: opens the folder that a Windows path's last part is in, and gives that part as it is spelled there. -1 and errno. */
int open_parent(const char *path, char *name, size_t size);
/* paths.c: makes what is missing of a Windows path on C: and gives its place. -1 and errno. */
int make_windows_path(const char *path, int is_file, char *place, size_t size);

int set_up_machine(struct answer *answer);                                       /* boot.c: mounts, modules, disks, Wine's root */
int take_identity(const struct request *request, struct answer *answer);         /* identity.c: what differs between copies */
void keep_clock(const struct request *request);                                  /* identity.c: sets it when it is half a second off */
int set_up_network(const struct request *request, struct answer *answer);        /* network.c */
int raise_interface(int control, const char *name, struct answer *answer);       /* network.c; `control`: any socket of IPv4 */
int set_address(int control, const char *name, const char *text, struct answer *answer); /* network.c: A.B.C.D/N */
int set_address6(const char *name, const char *text, struct answer *answer);     /* network.c: X::Y/N */
int set_up_cards(const struct request *request, struct answer *answer);          /* cards.c: those that the request names, and no others */
int attach_layer(const struct request *request, struct answer *answer);          /* layer.c: C: and the mounts */
int merge_layer(struct answer *answer);                                          /* merge.c: what was written goes to the host */
void note_copied(ino_t file, const char *path);                                   /* links.c: a file with several names is at this path */
const char *find_copied(ino_t file);                                             /* links.c: NULL when it is nowhere yet */
void forget_copied(void);                                                        /* links.c */
int read_numbers(struct answer *answer);                                         /* numbers.c: memory and processor */
void serve_files(const char *port);                                              /* files.c: never returns */

int start_broker(struct answer *answer); /* main.c */

#endif
