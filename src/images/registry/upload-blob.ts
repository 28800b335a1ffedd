import { isErrorCode, WindowboxError } from '../../errors/index.js';
import type { Send } from './create-sender.js';
import { refusal } from './registry-refusal.js';
import { type HttpAnswer, readBody } from './send-request.js';

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

/**
 * In one piece; a large blob in several, each at least as long as the registry wants. After a broken connection only what is missing of a
 * piece is sent again, where the registry tells what it has; else the caller begins anew.
 */
export async function uploadBlob(options: UploadOptions): Promise<void> {
  const { blob } = options;
  const begun = await begin(options);
  let { place } = begun;
  let sent = 0;
  let piece: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of await blob.source()) {
    piece.push(chunk);
    length += chunk.length;
    if (length < begun.pieceSize || sent + length === blob.size) continue;
    place = await sendPiece(options, { place, sent, bytes: Buffer.concat(piece) });
    sent += length;
    blob.onBytes?.(sent);
    piece = [];
    length = 0;
  }
  await sendPiece(options, { place, sent, bytes: Buffer.concat(piece), isLast: true });
  blob.onBytes?.(blob.size);
}

async function begin(options: UploadOptions): Promise<{ readonly place: URL; readonly pieceSize: number }> {
  const { send, base, named, blob } = options;
  const answer = await send({
    method: 'POST',
    target: `${base}/blobs/uploads/`,
    headers: { 'content-length': '0' },
    tries: 1,
    ...withSignal(options),
  });
  const text = await readBody(answer, 1 << 16);
  const { location } = answer.headers;
  if (answer.status !== 202 || location === undefined) throw refusal(answer, text, named);
  const wanted = Number(answer.headers['oci-chunk-min-length'] ?? 0);
  if (wanted > longestPiece && blob.size > longestPiece)
    throw new WindowboxError(
      'unsupported',
      `Cannot push "${blob.digest}": the registry ${answer.url.host} wants pieces of at least ${String(wanted)} bytes`,
      { hint: `A piece is held in memory, and has at most ${String(longestPiece)} bytes.` },
    );
  return { place: new URL(location, answer.url), pieceSize: Math.max(usualPiece, wanted || 0) };
}

interface Piece {
  readonly place: URL;
  /** How much of the blob is before it. */
  readonly sent: number;
  readonly bytes: Buffer;
  /** It also ends the upload. */
  readonly isLast?: boolean;
}

/** Answers where the next piece goes. */
async function sendPiece(options: UploadOptions, piece: Piece): Promise<URL> {
  let left = piece;
  for (let attempt = 1; ; attempt += 1)
    try {
      return await trySend(options, left);
    } catch (error) {
      const mayPass = isErrorCode(error, 'unavailable') || isErrorCode(error, 'timeout');
      const rest = mayPass && attempt < 5 ? await missingOf(options, left) : undefined;
      if (!rest) throw error;
      if (rest.bytes.length === 0 && rest.isLast !== true) return rest.place;
      left = rest;
    }
}

async function trySend(options: UploadOptions, { place, sent, bytes, isLast = false }: Piece): Promise<URL> {
  const { send, named, blob } = options;
  const target = new URL(place);
  if (isLast) target.searchParams.set('digest', blob.digest);
  const answer = await send({
    method: isLast ? 'PUT' : 'PATCH',
    target,
    headers: {
      'content-type': 'application/octet-stream',
      ...((sent > 0 || !isLast) && bytes.length > 0 ? { 'content-range': rangeOf(sent, bytes.length) } : {}),
    },
    body: () => bytes,
    // Half of it may have been taken.
    tries: 1,
    ...withSignal(options),
  });
  const text = await readBody(answer, 1 << 16);
  const isTaken = isLast ? answer.status === 201 : answer.status === 202 || answer.status === 204;
  if (!isTaken) throw refusal(answer, text, `${named}@${blob.digest}`);
  return new URL(answer.headers.location ?? place, answer.url);
}

/** What the registry has not got of a piece, which is nothing when only the answer was lost; undefined when it does not say, or has less than what was there before. */
async function missingOf(options: UploadOptions, piece: Piece): Promise<Piece | undefined> {
  const answer = await askProgress(options, piece.place);
  const { range = '', location } = answer?.headers ?? {};
  const end = /^(?:bytes=)?0-(\d{1,15})$/u.exec(Array.isArray(range) ? '' : range)?.[1];
  // "0-0" is one byte, and with some registries none.
  if (answer?.status !== 204 || end === undefined || end === '0') return undefined;
  const taken = Number(end) + 1 - piece.sent;
  if (taken < 0 || taken > piece.bytes.length) return undefined;
  const place = new URL(location ?? piece.place, answer.url);
  return { ...piece, place, sent: piece.sent + taken, bytes: piece.bytes.subarray(taken) };
}

async function askProgress(options: UploadOptions, place: URL): Promise<HttpAnswer | undefined> {
  try {
    const answer = await options.send({ method: 'GET', target: place, ...withSignal(options) });
    answer.body.resume();
    return answer;
  } catch (error) {
    if (isErrorCode(error, 'cancelled')) throw error;
    return undefined;
  }
}

function withSignal({ signal }: UploadOptions): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}

function rangeOf(start: number, length: number): string {
  return `${String(start)}-${String(start + length - 1)}`;
}

const usualPiece = 16 << 20;
const longestPiece = 256 << 20;
