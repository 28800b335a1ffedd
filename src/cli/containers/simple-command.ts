import type { ApiRequest } from '../connection/client.js';
import { type CommandDefinition, type CommandInput, defineCommand, type Example } from '../define/command.js';
import type { FlagTable } from '../define/flag.js';
import { forEachTarget } from './for-each.js';

export interface SimpleOptions<T extends FlagTable> {
  readonly summary: string;
  readonly usage: string;
  readonly examples: readonly Example[];
  readonly details?: string;
  readonly flags: T;
  readonly request: (name: string, flags: CommandInput<T>['flags']) => ApiRequest;
}

/** A command that sends one request for each of its arguments and prints those that went well. */
export function simpleCommand<const T extends FlagTable>(options: SimpleOptions<T>): CommandDefinition {
  const { request, ...rest } = options;
  return defineCommand({
    ...rest,
    takes: { atLeast: 1 },
    run: async ({ args, flags, client }) =>
      forEachTarget(args, async (name) => {
        await client().json(request(name, flags));
        return name;
      }),
  });
}

/** The path of an act on a container. */
export function containerPath(name: string, act: string): string {
  return `/containers/${encodeURIComponent(name)}/${act}`;
}
