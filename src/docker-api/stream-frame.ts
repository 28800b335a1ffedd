import { WindowboxError } from '../errors/index.js';

/**
 * Docker's framing of stdout and stderr on one connection (`application/vnd.docker.multiplexed-stream`): eight bytes, of
 * which the first is the stream, the next three are 0 and the last four are the payload's length, big-endian; then the payload.
 */
export type FramedStream = 'stdin' | 'stdout' | 'stderr' | 'system';

const streams: readonly FramedStream[] = ['stdin', 'stdout', 'stderr', 'system'];
const headerLength = 8;

/** The header that comes before `length` bytes of this stream. */
export function frameHeader(stream: FramedStream, length: number): Uint8Array {
  const header = new Uint8Array(headerLength);
  header[0] = streams.indexOf(stream);
  new DataView(header.buffer).setUint32(4, length);
  return header;
}

/** Header and payload in one piece. */
export function encodeFrame(stream: FramedStream, data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerLength + data.length);
  frame.set(frameHeader(stream, data.length));
  frame.set(data, headerLength);
  return frame;
}

export interface Frame {
  readonly stream: FramedStream;
  readonly data: Uint8Array;
}

/**
 * Takes a framed stream apart, whatever the pieces are that it arrives in. A payload is handed on as it comes, so that a frame
 * of any length costs no memory: one frame may give several pieces.
 */
export function createFrameDecoder(): { push(chunk: Uint8Array): Frame[]; readonly isBetweenFrames: boolean } {
  const header = new Uint8Array(headerLength);
  let headerFilled = 0;
  let missing = 0;
  let stream: FramedStream = 'stdout';
  return {
    get isBetweenFrames() {
      return missing === 0 && headerFilled === 0;
    },
    push(chunk) {
      const frames: Frame[] = [];
      let at = 0;
      while (at < chunk.length) {
        if (missing > 0) {
          const data = chunk.subarray(at, at + missing);
          frames.push({ stream, data });
          missing -= data.length;
          at += data.length;
          continue;
        }
        header[headerFilled++] = chunk[at++] ?? 0;
        if (headerFilled < headerLength) continue;
        headerFilled = 0;
        stream = streamOf(header);
        missing = new DataView(header.buffer).getUint32(4);
      }
      return frames;
    },
  };
}

function streamOf(header: Uint8Array): FramedStream {
  const stream = streams[header[0] ?? -1];
  if (stream === undefined || header[1] !== 0 || header[2] !== 0 || header[3] !== 0)
    throw new WindowboxError(
      'data-loss',
      `Cannot read the stream: ${String(header[0])} is no stream of Docker's framing`,
    );
  return stream;
}
