/*
 * The one protocol between the host and what runs beside the program: version 1.
 * The host side is src/guest-link/; a test compares its numbers with this file's.
 *
 *   host daemon  <-- frames -->  init (Linux, pid 1: broker, reaper)  <-- frames -->  agent.exe (Windows side, under Wine)
 *
 * Model. One connection carries frames in both directions. Over a unix socket (process isolation) it is a connection to the
 * sandbox's init; over virtio-serial (Hyper-V isolation) it is the port. The host may vanish and come back at any time: the
 * guest keeps every program running, and every frame that the host has not acknowledged.
 *
 * A frame, little-endian:
 *   u32 length of the payload | u8 type | u8 stream | u16 zero | u32 process | u64 number | payload
 * `process` is a number that the host chose at START: 1 is the container's own program, others are execs. 0: the sandbox.
 * `number`: init gives 1, 2, 3 ... to the frames that must not be lost (STARTED, START_FAILED, OUTPUT, EXITED); all others have 0.
 * A frame of an unknown type is skipped by the guest; the host ends the connection on one, as on every other breach.
 *
 * Session. The host connects and sends HELLO. init answers WELCOME with the same nonce (whatever a port still held from an
 * earlier session comes before it and is skipped), then one ALIVE for each process that it knows, then the kept frames in
 * order: those numbered above `last`, and of the others the STARTED, START_FAILED and EXITED (never OUTPUT). Then new ones. READY comes when
 * the agent takes START; after a WELCOME it is sent again. A second connection takes the place of the first.
 *
 * Acknowledgement and flow control are one thing. ACK names a process and the number of its last frame that the host is done with;
 * init drops that process's frames up to it, and gives the agent as much room again. For each process and output stream at most
 * WB_WINDOW bytes are on their way or kept. A reader that is slow, or a host that is gone, therefore stops its own
 * programs at WB_WINDOW and nothing else, and no room can get lost with a connection.
 * For stdin the host sends at most WB_WINDOW bytes more than it was granted by CREDIT_STDIN; ALIVE says how much room there is.
 *
 * Order. STARTED or START_FAILED comes first; OUTPUT of a stream in order; after EXITED nothing of that process. A process number is used
 * once in a sandbox's life.
 */
#ifndef WINDOWBOX_PROTOCOL_H
#define WINDOWBOX_PROTOCOL_H

#define WB_VERSION 1
#define WB_MAGIC "WBX1"      /* first four bytes of the payloads of HELLO and WELCOME */
#define WB_HEADER 20         /* bytes */
#define WB_PAYLOAD_MAX 65536 /* bytes */
#define WB_START_MAX 1048576 /* bytes: the payload of START, the only larger one */
#define WB_WINDOW 262144     /* bytes */
#define WB_PROCESS_MAX 1024  /* processes that live at one time */

enum wb_stream { WB_STDIN = 0, WB_STDOUT = 1, WB_STDERR = 2 };

/* host to guest */
enum wb_to_guest {
  WB_HELLO = 0x01,       /* "WBX1", u32 version, u64 last frame that the host is done with, u64 nonce */
  WB_ACK = 0x02,         /* process; u64 number of its last frame that the host is done with */
  WB_START = 0x10,       /* NUL-terminated UTF-8 strings, each key=value, see below */
  WB_STDIN_DATA = 0x11,  /* bytes */
  WB_STDIN_CLOSE = 0x12, /* - */
  WB_RESIZE = 0x13,      /* u16 columns, u16 rows */
  WB_CONTROL = 0x14,     /* u32 console event: 0 CTRL_C, 1 CTRL_BREAK, 2 CTRL_CLOSE, 5 CTRL_LOGOFF, 6 CTRL_SHUTDOWN */
  WB_TERMINATE = 0x15,   /* u32 exit code; the process and all that it started */
  WB_CREDIT = 0x16,      /* init to agent only. stream; u32 bytes */
  WB_TOP = 0x20,         /* - ; answered by TOP_REPLY */
  WB_HOSTNAME = 0x22,    /* UTF-8; the name of a sandbox that was made before its container was known. Kernel's name: the host sets it */
  WB_SHUTDOWN = 0x21     /* - ; every program ends, the registry is on disk, init exits with 0 */
};

/* guest to host */
enum wb_to_host {
  WB_WELCOME = 0x81,      /* "WBX1", u32 version, u64 nonce of the HELLO */
  WB_READY = 0x82,        /* the agent takes START */
  WB_ALIVE = 0x83,        /* process; u32 Windows process id (0: not started yet), u32 bytes of room for stdin */
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
 *   command  the Windows command line, first token the program; looked up in the working folder, the system folders and the program's PATH,
 *            with PATHEXT
 *   cwd      working folder, a Windows path; absent: C:\
 *   user     ContainerUser or ContainerAdministrator
 *   env      NAME=VALUE; laid over the variables that Windows gives every program (SystemRoot, PATHEXT, TEMP ...)
 *   stdin    1: a pipe that the host feeds; 0 or absent: empty
 *   terminal COLUMNSxROWS: a console; its output is stream 1; absent: pipes
 */
#endif
