import type { AttachOptions, AttachSession, TerminalSize } from '../types.js';
import type { HubChunk, StreamHub } from './stream-hub.js';

export type { TerminalSize };

/**
 * A client at a hub: what it wants to see of the output, and whether its input counts. The subscription begins now, so that a
 * start right after misses nothing.
 */
export function attachToHub(
  hub: StreamHub,
  about: {
    readonly terminal: boolean;
    readonly options: AttachOptions;
    /** What came before, oldest first. */
    readonly before?: AsyncIterable<HubChunk>;
    /** The client's leaving ends the program's input. */
    readonly closeInputOnDetach: boolean;
  },
): AttachSession {
  const { options } = about;
  const subscription = options.stream ? hub.subscribe() : undefined;
  const wanted = (chunk: HubChunk): boolean => (chunk.stream === 'stdout' ? options.stdout : options.stderr);
  async function* output(): AsyncGenerator<HubChunk> {
    if (about.before !== undefined) for await (const chunk of about.before) if (wanted(chunk)) yield chunk;
    if (subscription === undefined) return;
    for await (const chunk of subscription) if (wanted(chunk)) yield chunk;
  }
  let gone = false;
  return {
    terminal: about.terminal,
    output: output(),
    write: async (data) => {
      if (options.stdin && !gone) await hub.write(data);
    },
    end: () => {
      if (options.stdin && about.closeInputOnDetach) hub.closeInput();
    },
    detach: () => {
      if (gone) return;
      gone = true;
      subscription?.close();
      if (options.stdin && about.closeInputOnDetach) hub.closeInput();
    },
  };
}
