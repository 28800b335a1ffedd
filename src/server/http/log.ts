/** One line of the daemon's log: an object, so that a machine can read it. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** The `X-Request-Id` that this belongs to. */
  readonly request?: string;
  readonly [field: string]: string | number | boolean | undefined;
}

export type Log = (entry: LogEntry) => void;
