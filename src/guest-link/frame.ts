import { WindowboxError } from '../errors/index.js';
import { protocol } from './protocol.js';

export interface Frame {
  readonly type: number;
  readonly stream: number;
  readonly process: number;
  /** 0 for a frame that is not numbered. */
  readonly number: number;
  /** A view of the bytes that were read; valid as long as anyone holds it. */
  readonly payload: Buffer;
}

export function encodeFrame(
  type: number,
  frame: { readonly process?: number; readonly payload?: Uint8Array } = {},
): Buffer {
  const payload = frame.payload ?? new Uint8Array();
  const bytes = Buffer.alloc(protocol.HEADER + payload.length);
  bytes.writeUInt32LE(payload.length, 0);
  bytes.writeUInt8(type, 4);
  bytes.writeUInt32LE(frame.process ?? 0, 8);
  bytes.set(payload, protocol.HEADER);
  return bytes;
}

/** Cuts a stream of bytes from the guest into frames. Returns the whole frames and what is left over, which goes before the next bytes.
 *
 * @throws WindowboxError `data-loss` when the bytes are no frames.
 */
export function decodeFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= protocol.HEADER) {
    const length = bytes.readUInt32LE(at);
    if (length > protocol.PAYLOAD_MAX) throw breach(`frame of ${String(length)} bytes`);
    if (bytes.readUInt16LE(at + 6) !== 0) throw breach('frame with a header that is not ours');
    const end = at + protocol.HEADER + length;
    if (end > bytes.length) break;
    const number = bytes.readBigUInt64LE(at + 12);
    if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw breach('frame number too large');
    frames.push({
      type: bytes.readUInt8(at + 4),
      stream: bytes.readUInt8(at + 5),
      process: bytes.readUInt32LE(at + 8),
      number: Number(number),
      payload: bytes.subarray(at + protocol.HEADER, end),
    });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}

/** The guest did what guest/protocol.h rules out. Everything in a sandbox is hostile, so this ends the connection. */
export function breach(what: string): WindowboxError {
  return new WindowboxError('data-loss', `Cannot talk to the sandbox: its agent broke the protocol: ${what}`);
}
