import { type Client, makeClient } from '../connection/client.js';
import { resolveEndpoint } from '../connection/endpoint.js';
import type { FlagTable, FlagValues } from './flag.js';
import { parseFlags } from './parse-flags.js';
import { renderHelp } from './render-help.js';
import { UsageError } from './usage-error.js';
import { print } from '../streams/print.js';

/** One command as data, its parameters' types already forgotten: what the runner, the reference page and completion need. */
export interface CommandDefinition {
  readonly summary: string;
  /** What follows the command's name: `[OPTIONS] IMAGE [COMMAND] [ARG...]`. */
  readonly usage: string;
  readonly examples: readonly Example[];
  /** Paragraphs on what differs from Docker, exit codes and the like. */
  readonly details: string;
  readonly flags: FlagTable;
  /** Exit code when the daemon refuses or cannot be reached: 125 for `run`, 1 for the others, as Docker. */
  readonly failureCode: number;
  readonly execute: (line: readonly string[], invocation: Invocation) => Promise<number>;
}

export interface Example {
  readonly about: string;
  readonly line: string;
}

export interface Invocation {
  /** As the user called it: `container ls`, `ps`. */
  readonly path: string;
  /** `--host`; undefined: the environment's, or this machine's own. */
  readonly host: string | undefined;
}

export interface ConnectOptions {
  /** Default true: where this machine's own daemon does not listen, it is started. */
  readonly startDaemon: boolean;
}

export interface CommandInput<T extends FlagTable> extends Invocation {
  readonly flags: FlagValues<T>;
  readonly args: readonly string[];
  /** The daemon. Made at its first use, so that `--help` and mistakes need none. */
  readonly client: (options?: ConnectOptions) => Client;
}

export interface CommandOptions<T extends FlagTable> {
  readonly summary: string;
  readonly usage: string;
  readonly examples: readonly Example[];
  readonly details?: string;
  readonly flags: T;
  /** How many arguments it takes. */
  readonly takes: ArgumentCount;
  readonly stopAtFirstArgument?: boolean;
  readonly failureCode?: number;
  readonly run: (input: CommandInput<T>) => Promise<number>;
}

export type ArgumentCount =
  { readonly exactly: number } | { readonly atLeast: number; readonly atMost?: number } | { readonly atMost: number };

/** Makes a command from its data and its act. */
export function defineCommand<const T extends FlagTable>(options: CommandOptions<T>): CommandDefinition {
  const definition: CommandDefinition = {
    summary: options.summary,
    usage: options.usage,
    examples: options.examples,
    details: options.details ?? '',
    flags: options.flags,
    failureCode: options.failureCode ?? 1,
    execute: async (line, invocation) => {
      const { stopAtFirstArgument = false } = options;
      const { flags, args, help } = parseFlags(options.flags, line, { stopAtFirstArgument });
      if (help) {
        print(renderHelp(definition, invocation.path));
        return 0;
      }
      checkCount(options.takes, args.length, invocation.path);
      let client: Client | undefined;
      return options.run({
        ...invocation,
        flags,
        args,
        client: (connect) => (client ??= openClient(invocation.host, connect)),
      });
    },
  };
  return definition;
}

/**
 * Here, and not in the runner: a command is a bundle of its own, and its `instanceof WindowboxError` knows the errors of a client
 * that was made in it.
 */
function openClient(host: string | undefined, { startDaemon }: ConnectOptions = { startDaemon: true }): Client {
  const endpoint = resolveEndpoint(host);
  return makeClient(endpoint.kind === 'unix' && !startDaemon ? { ...endpoint, own: false } : endpoint);
}

function checkCount(takes: ArgumentCount, count: number, path: string): void {
  const wrong = (rule: string): UsageError => new UsageError(`"windowbox ${path}" ${rule}.`, 1);
  if ('exactly' in takes) {
    if (count === takes.exactly) return;
    throw takes.exactly === 0
      ? wrong('accepts no arguments')
      : wrong(`requires exactly ${plural(takes.exactly, 'argument')}`);
  }
  if ('atLeast' in takes && count < takes.atLeast)
    throw wrong(`requires at least ${plural(takes.atLeast, 'argument')}`);
  if (takes.atMost !== undefined && count > takes.atMost)
    throw wrong(`requires at most ${plural(takes.atMost, 'argument')}`);
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
