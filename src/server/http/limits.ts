/** What one client may cost. Each number is far above what Docker's clients do and far below what would hurt the daemon. */
export const connectionLimits = {
  /** `X-Registry-Config` holds a login for each registry. */
  headerBytes: 256 * 1024,
  /** From the connection's start to the end of a request's head. */
  headersMs: 20_000,
  /** A kept connection without a request. */
  idleMs: 60_000,
  /** An upload that does not move. */
  idleBodyMs: 120_000,
  connections: 4096,
} as const;

export type ConnectionLimits = Readonly<Record<keyof typeof connectionLimits, number>>;
