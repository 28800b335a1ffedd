import { encodeFrame, hasFeature } from '../../docker-api/index.js';
import type { AttachSession } from '../../engine/index.js';
import type { ApiRequest } from './api-request.js';
import { createDetachFilter, parseDetachKeys } from './detach-keys.js';
import { type HijackedConnection, type HijackReply, multiplexedStream, rawStream } from './reply.js';

/**
 * Joins a client to a container's or exec's streams. A terminal's output goes as it is; otherwise each piece has Docker's
 * eight-byte header, which tells stdout from stderr. A WebSocket never has it.
 */
export function attachReply(
  session: AttachSession,
  options: { readonly version: string; readonly detachKeys: string | undefined; readonly framed?: boolean },
): HijackReply {
  const framed = !session.terminal && (options.framed ?? true);
  const contentType = framed && hasFeature(options.version, 'multiplexedContentType') ? multiplexedStream : rawStream;
  const detachKeys = session.terminal ? parseDetachKeys(options.detachKeys) : undefined;
  return {
    kind: 'hijack',
    contentType,
    serve: async (connection) => {
      const leave = (): void => {
        session.detach();
      };
      connection.gone.addEventListener('abort', leave, { once: true });
      if (connection.gone.aborted) leave();
      // The input may wait for a client that never types: the end of the output is the end of the conversation.
      void pumpInput(connection, session, detachKeys);
      try {
        await pumpOutput(connection, session, framed);
      } finally {
        leave();
      }
    },
    abandon: () => {
      session.detach();
    },
  };
}

/** The keys of a request are checked before anything happens. */
export function checkDetachKeys(request: ApiRequest): string | undefined {
  const keys = request.query.get('detachKeys') ?? undefined;
  parseDetachKeys(keys);
  return keys;
}

async function pumpOutput(connection: HijackedConnection, session: AttachSession, framed: boolean): Promise<void> {
  for await (const { stream, data } of session.output) {
    if (connection.gone.aborted) return;
    await connection.write(framed ? encodeFrame(stream, data) : data);
  }
}

async function pumpInput(
  connection: HijackedConnection,
  session: AttachSession,
  detachKeys: Uint8Array | undefined,
): Promise<void> {
  const filter = detachKeys === undefined ? undefined : createDetachFilter(detachKeys);
  try {
    for await (const data of connection.input) {
      const { pass, detached } = filter?.(data) ?? { pass: data, detached: false };
      if (pass.length > 0) await session.write(pass);
      if (!detached) continue;
      session.detach();
      return;
    }
    session.end();
  } catch {
    // The program has ended and takes no more input: its output and exit code tell.
  }
}
