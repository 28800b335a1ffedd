/** What a handler answers. Data, so that a test looks at it without a socket; `write-reply.ts` puts it on the wire. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown; readonly headers?: ReplyHeaders }
  | { readonly kind: 'empty'; readonly status: number; readonly headers?: ReplyHeaders }
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
      readonly headers?: ReplyHeaders;
    }
  | StreamReply
  | HijackReply;

export type ReplyHeaders = Readonly<Record<string, string>>;

export interface StreamReply {
  readonly kind: 'stream';
  readonly status: number;
  readonly contentType: string;
  readonly headers?: ReplyHeaders;
  /** Pulled only as fast as the client reads. Left (`return()`) when the client goes. */
  readonly chunks: AsyncIterable<Uint8Array | string>;
}

/**
 * The connection stops being HTTP: after the answer's head, both sides send bytes as they like. What it skips: no
 * `Content-Length`, no chunks, no second request, no compression, no status that could still tell of a failure. So everything
 * that can fail is done before a handler returns this. See docs/decisions/0050-http-server.md.
 */
export interface HijackReply {
  readonly kind: 'hijack';
  /** Sent with 101, when the client asked for `Upgrade: tcp`. Without that: 200 and `application/vnd.docker.raw-stream`. */
  readonly contentType: string;
  /** Resolves when the conversation is over. The connection is closed then. Never rejects for a client that went away. */
  readonly serve: (connection: HijackedConnection) => Promise<void>;
  /** Called instead of `serve` when the client has gone before. */
  readonly abandon: () => void;
}

/** Both directions of a hijacked connection or of a WebSocket. */
export interface HijackedConnection {
  /** Ends when the client closes its side, or goes. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more: the back-pressure. Resolves too when the client has gone; `gone` tells. */
  write(data: Uint8Array): Promise<void>;
  /** Aborted when the client has gone, not when it only closed its side. */
  readonly gone: AbortSignal;
}

export const rawStream = 'application/vnd.docker.raw-stream';
export const multiplexedStream = 'application/vnd.docker.multiplexed-stream';

export function json(value: unknown, status = 200): Reply {
  return { kind: 'json', status, value };
}

export function empty(status = 204): Reply {
  return { kind: 'empty', status };
}
