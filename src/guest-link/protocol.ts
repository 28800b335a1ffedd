/** The numbers of guest/protocol.h, which explains them. A test compares the two. */
export const protocol = {
  VERSION: 1,
  MAGIC: 'WBX1',
  HEADER: 20,
  PAYLOAD_MAX: 65536,
  START_MAX: 1048576,
  WINDOW: 262144,
  PROCESS_MAX: 1024,
} as const;

export const stream = { STDIN: 0, STDOUT: 1, STDERR: 2 } as const;

export const toGuest = {
  HELLO: 0x01,
  ACK: 0x02,
  START: 0x10,
  STDIN_DATA: 0x11,
  STDIN_CLOSE: 0x12,
  RESIZE: 0x13,
  CONTROL: 0x14,
  TERMINATE: 0x15,
  CREDIT: 0x16,
  TOP: 0x20,
  SHUTDOWN: 0x21,
  HOSTNAME: 0x22,
} as const;

export const toHost = {
  WELCOME: 0x81,
  READY: 0x82,
  ALIVE: 0x83,
  STARTED: 0x90,
  START_FAILED: 0x91,
  OUTPUT: 0x92,
  EXITED: 0x93,
  CREDIT_STDIN: 0x94,
  TOP_REPLY: 0xa0,
  DIAGNOSTIC: 0xa1,
} as const;

/** Windows' numbers of console events. */
export const consoleEvents = { 'ctrl-c': 0, 'ctrl-break': 1, close: 2, logoff: 5, shutdown: 6 } as const;
