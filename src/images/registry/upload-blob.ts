import type { Send } from './create-sender.js';
import { refusal } from './registry-refusal.js';
import { readBody } from './send-request.js';

export interface BlobUpload {
  readonly digest: string;
  readonly size: number;
  readonly source: () => Promise<AsyncIterable<Uint8Array>>;
  readonly onBytes?: (sent: number) => void;
}

export interface UploadOptions {
  readonly send: Send;
  readonly base: string;
  readonly named: string;
  readonly blob: BlobUpload;
  readonly signal?: AbortSignal;
}

/** In one piece; a large blob in several, so that a broken connection costs only the last of them. */
export async function uploadBlob(options: UploadOptions): Promise<void> {
  const { send, base, named, blob } = options;
  const extra = options.signal ? { signal: options.signal } : {};
  const begun = await send({
    method: 'POST',
    target: `${base}/blobs/uploads/`,
    headers: { 'content-length': '0' },
    tries: 1,
    ...extra,
  });
  const text = await readBody(begun, 1 << 16);
  const { location } = begun.headers;
  if (begun.status !== 202 || location === undefined) throw refusal(begun, text, named);
  let place = new URL(location, begun.url);
  let sent = 0;
  let piece: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of await blob.source()) {
    piece.push(chunk);
    length += chunk.length;
    if (length < pieceSize || sent + length === blob.size) continue;
    place = await sendPiece(options, { place, sent, bytes: Buffer.concat(piece) });
    sent += length;
    blob.onBytes?.(sent);
    piece = [];
    length = 0;
  }
  const rest = Buffer.concat(piece);
  place.searchParams.set('digest', blob.digest);
  const done = await send({
    method: 'PUT',
    target: place,
    headers: {
      'content-type': 'application/octet-stream',
      ...(sent > 0 ? { 'content-range': rangeOf(sent, rest.length) } : {}),
    },
    body: () => rest,
    tries: 1,
    ...extra,
  });
  const answer = await readBody(done, 1 << 16);
  if (done.status !== 201) throw refusal(done, answer, `${named}@${blob.digest}`);
  blob.onBytes?.(blob.size);
}

async function sendPiece(
  { send, named, blob, signal }: UploadOptions,
  piece: { readonly place: URL; readonly sent: number; readonly bytes: Buffer },
): Promise<URL> {
  const answer = await send({
    method: 'PATCH',
    target: piece.place,
    headers: { 'content-type': 'application/octet-stream', 'content-range': rangeOf(piece.sent, piece.bytes.length) },
    body: () => piece.bytes,
    // Half of it may have been taken: the caller begins the upload anew.
    tries: 1,
    ...(signal ? { signal } : {}),
  });
  const text = await readBody(answer, 1 << 16);
  if (answer.status !== 202 && answer.status !== 204) throw refusal(answer, text, `${named}@${blob.digest}`);
  return new URL(answer.headers.location ?? piece.place, answer.url);
}

function rangeOf(start: number, length: number): string {
  return `${String(start)}-${String(start + length - 1)}`;
}

const pieceSize = 16 << 20;
