import { createHash } from 'node:crypto';

/** SHA-256 of bytes or of a text, in hexadecimal. */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
