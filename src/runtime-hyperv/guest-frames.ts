import { WindowboxError } from '../errors/index.js';

/** Kinds of a frame on the files port: enum vm_frame of guest/vm/control.h. */
export const frame = { OK: 0, FAILED: 1, REQUEST: 2, DATA: 3, CANCEL: 4 } as const;

export interface Frame {
  readonly type: number;
  readonly data: Buffer;
}

/** VM_DATA_MAX and the type's byte. */
const longestFrame = 65_536 + 1;
export const largestData = 65_536;

export function encodeFileFrame(type: number, data: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(data.length + 1);
  head[4] = type;
  return Buffer.concat([head, data]);
}

/**
 * The complete frames at the beginning of `bytes`, and what comes after them.
 *
 * @throws WindowboxError `data-loss` for a length that no frame has: the guest is not to be trusted.
 */
export function decodeFileFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= 5) {
    const length = bytes.readUInt32LE(at);
    if (length < 1 || length > longestFrame)
      throw new WindowboxError('data-loss', `Cannot read from the VM: a frame of ${String(length)} bytes`);
    if (bytes.length - at < 4 + length) break;
    frames.push({ type: bytes[at + 4] ?? 0, data: bytes.subarray(at + 5, at + 4 + length) });
    at += 4 + length;
  }
  return { frames, rest: bytes.subarray(at) };
}
