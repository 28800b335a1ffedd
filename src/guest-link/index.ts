export { compileGuestPrograms } from './compile-guest-programs.js';
export { type ConnectOptions, connectGuest } from './connect-guest.js';
export type {
  GuestClosed,
  GuestConsoleEvent,
  GuestListener,
  GuestOutput,
  GuestProcess,
  GuestProcessInfo,
  GuestProcessSpec,
  GuestSession,
  GuestTerminalSize,
} from './types.js';
