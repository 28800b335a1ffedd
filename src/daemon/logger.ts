import type { EngineLogger } from '../engine/index.js';

const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

export interface DaemonLogger extends EngineLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** One JSON object a line on stderr, for journald and for people with jq: `time`, `level`, `message`, then the fields. */
export function makeLogger(level: LogLevel): DaemonLogger {
  const write = (of: LogLevel, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (levels.indexOf(of) < levels.indexOf(level)) return;
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level: of, message, ...fields })}\n`);
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}
