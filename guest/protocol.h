/*
 * The one protocol between the host and what runs beside the program: version 1.
 * The host side is src/guest-link/; a test compares its numbers with this file's.
 *
 * Model. One connection carries frames in both directions. Over a unix socket (process isolation) it is a connection to the
 * container's init; over virtio-serial (Hyper-V isolation) it is the port. The host may vanish and come back at any time: the
 * guest keeps every program running and every byte that the host has not acknowledged.
 *
 *   host daemon  <-- frames -->  init (Linux, pid 1: broker, reaper)  <-- frames -->  agent.exe (Windows side, under Wine)
 *
 * init passes frames through in both directions, and itself does what must survive the host: it numbers the frames that go to
 * the host (1, 2, 3 ..., implicitly), keeps them until they are acknowledged (at most WB_UNACKED_MAX bytes, then it stops
 * reading from the agent), and sends the unacknowledged ones again after a HELLO.
 *
 * A frame, little-endian:  u32 length of the payload | u8 type | u8 stream | u16 zero | u32 process | payload
 * `process` is a number that the host chose at START: 1 is the container's own program, others are execs. 0: the sandbox.
 *
 * Session.  Host connects and sends HELLO{u32 version, u64 last} where `last` is the number of the last frame that it has
 * processed (0: none). init answers WELCOME (magic, version, number of the next frame that follows) and then goes on with frame
 * `last`+1. WELCOME, READY and CREDIT_STDIN are not numbered. A frame of a type that is not known is skipped.
 * Everything that the guest sends is hostile to the host: lengths are checked against WB_PAYLOAD_MAX, types against this list.
 *
 * Flow control.  For each process and output stream the agent sends at most WB_WINDOW bytes more than it has been granted by
 * CREDIT. For stdin the host sends at most WB_WINDOW bytes more than granted by CREDIT_STDIN. A stream that is not read
 * therefore stops its own program and nothing else.
 *
 * Order.  STARTED or START_FAILED comes first; OUTPUT of a stream in order; after EXITED nothing of that process.
 */
#ifndef WINDOWBOX_PROTOCOL_H
#define WINDOWBOX_PROTOCOL_H

#define WB_VERSION 1
#define WB_MAGIC "WBX1"        /* first four bytes of WELCOME's payload */
#define WB_HEADER 12           /* bytes */
#define WB_PAYLOAD_MAX 65536   /* bytes */
#define WB_WINDOW 262144       /* bytes */
#define WB_UNACKED_MAX 1048576 /* bytes */

enum wb_stream { WB_STDIN = 0, WB_STDOUT = 1, WB_STDERR = 2 };

/* host to guest */
enum wb_to_guest {
  WB_HELLO = 0x01,       /* u32 version, u64 last processed frame */
  WB_ACK = 0x02,         /* u64 last processed frame */
  WB_START = 0x10,       /* NUL-terminated UTF-8 strings, each key=value, see below */
  WB_STDIN_DATA = 0x11,  /* bytes */
  WB_STDIN_CLOSE = 0x12, /* - */
  WB_RESIZE = 0x13,      /* u16 columns, u16 rows */
  WB_CONTROL = 0x14,     /* u32 console event: 0 CTRL_C, 1 CTRL_BREAK, 2 CTRL_CLOSE, 5 CTRL_LOGOFF, 6 CTRL_SHUTDOWN */
  WB_TERMINATE = 0x15,   /* u32 exit code; the process and all that it started */
  WB_CREDIT = 0x16,      /* stream; u32 bytes */
  WB_TOP = 0x20,         /* - ; answered by TOP_REPLY */
  WB_SHUTDOWN = 0x21     /* - ; agent and wineserver end in order, the registry is on disk, init exits */
};

/* guest to host */
enum wb_to_host {
  WB_WELCOME = 0x81,      /* "WBX1", u32 version, u64 number of the next numbered frame */
  WB_READY = 0x82,        /* the agent takes START now; sent after each WELCOME too, once that is so */
  WB_STARTED = 0x90,      /* u32 Windows process id */
  WB_START_FAILED = 0x91, /* u32 Win32 error, UTF-8 text */
  WB_OUTPUT = 0x92,       /* stream; bytes */
  WB_EXITED = 0x93,       /* u32 exit code (all 32 bits) */
  WB_CREDIT_STDIN = 0x94, /* u32 bytes */
  WB_TOP_REPLY = 0xa0,    /* lines "name<TAB>pid<TAB>parent pid<TAB>cpu time in 100 ns<TAB>private bytes\n"; stream 1: more follows */
  WB_DIAGNOSTIC = 0xa1    /* UTF-8 text for the daemon's log */
};

/*
 * Keys of START (any order; `env` repeats):
 *   command  the Windows command line (UTF-8), first token the program; looked up in the container's PATH with PATHEXT
 *   cwd      working folder, a Windows path
 *   user     ContainerUser or ContainerAdministrator
 *   env      NAME=VALUE; together the whole environment of the program
 *   stdin    1: a pipe that the host feeds; 0: empty
 *   terminal COLUMNSxROWS: a console; its output is stream 1; absent: three pipes
 */
#endif
