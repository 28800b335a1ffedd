/*
 * Between the host and vm-init, version 1. Host side: src/runtime-hyperv/control-link.ts and guest-files.ts.
 *
 * Port VM_PORT_CONTROL: one request, one answer, in turn.
 *   request   u32 length | NUL-terminated strings: the act, then arguments
 *   answer    u32 length | u8 status (VM_OK, VM_FAILED) | text
 * Port VM_PORT_FILES: one file operation at a time.
 *   request   u32 length | u8 VM_REQUEST | strings: stat PATH, read PATH, write PATH
 *   data      u32 length | u8 VM_DATA | bytes          both ways, a tar stream; length at most VM_DATA_MAX + 1
 *   end       u32 length | u8 VM_OK or VM_FAILED | text
 *   cancel    u32 length | u8 VM_CANCEL                 host only: the guest answers with an end
 * All integers are little-endian. The length counts what follows it. The host takes nothing from the guest on trust.
 */
#ifndef WINDOWBOX_VM_CONTROL_H
#define WINDOWBOX_VM_CONTROL_H

#define VM_CONTROL_VERSION 1

/* Numbers of the virtio-serial ports: /dev/vport0pN */
#define VM_PORT_AGENT 1
#define VM_PORT_CONTROL 2
#define VM_PORT_FILES 3

#define VM_REQUEST_MAX 262144
#define VM_DATA_MAX 65536

enum vm_frame { VM_OK = 0, VM_FAILED = 1, VM_REQUEST = 2, VM_DATA = 3, VM_CANCEL = 4 };

#endif
