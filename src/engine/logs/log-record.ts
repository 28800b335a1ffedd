/**
 * One record of a container's log file: a header of {@link logHeaderBytes} and the bytes as the program wrote them. Not JSON, so that
 * output stays what it is byte for byte, 100 MB/s are written with one copy, and the guest's sequence number stands beside it.
 *
 * Header, little-endian: u32 length of the data | u8 stream (1 stdout, 2 stderr) | 3 zero bytes | u64 nanoseconds since 1970 | u64 sequence
 */
export interface LogRecord {
  readonly stream: 'stdout' | 'stderr';
  readonly time: bigint;
  readonly sequence: number;
  readonly data: Uint8Array;
}

export const logHeaderBytes = 24;

export function encodeLogHeader(record: LogRecord): Buffer {
  const header = Buffer.alloc(logHeaderBytes);
  header.writeUInt32LE(record.data.length, 0);
  header.writeUInt8(record.stream === 'stdout' ? 1 : 2, 4);
  header.writeBigUInt64LE(record.time, 8);
  header.writeBigUInt64LE(BigInt(record.sequence), 16);
  return header;
}

/** What follows a header; undefined when the bytes are no header of ours. */
export function decodeLogHeader(header: Buffer): (Omit<LogRecord, 'data'> & { readonly length: number }) | undefined {
  const stream = header.readUInt8(4);
  const length = header.readUInt32LE(0);
  if ((stream !== 1 && stream !== 2) || length > maxLogData || header.readUIntLE(5, 3) !== 0) return undefined;
  return {
    length,
    stream: stream === 1 ? 'stdout' : 'stderr',
    time: header.readBigUInt64LE(8),
    sequence: Number(header.readBigUInt64LE(16)),
  };
}

/** Longest piece of output in one record; the guest's frames are far smaller. */
const maxLogData = 1 << 20;
