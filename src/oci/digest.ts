import { WindowboxError } from '../errors/index.js';

/** A content digest, `sha256:` and 64 lower-case hexadecimal digits (or `sha512:` and 128). */
export interface Digest {
  readonly algorithm: 'sha256' | 'sha512';
  readonly hex: string;
}

/** @throws WindowboxError `invalid-argument` with Docker's own text for an unsupported algorithm or a malformed digest. */
export function parseDigest(text: string): Digest {
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, colon);
  const hex = text.slice(colon + 1);
  if (colon <= 0) throw new WindowboxError('invalid-argument', 'invalid checksum digest format');
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    throw new WindowboxError('invalid-argument', 'unsupported digest algorithm');
  if (hex.length !== hexLength[algorithm])
    throw new WindowboxError('invalid-argument', 'invalid checksum digest length');
  if (!/^[0-9a-f]+$/u.test(hex)) throw new WindowboxError('invalid-argument', 'invalid checksum digest format');
  return { algorithm, hex };
}

export function formatDigest(digest: Digest): string {
  return `${digest.algorithm}:${digest.hex}`;
}

export function isDigest(text: string): boolean {
  return /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/u.test(text);
}

const hexLength = { sha256: 64, sha512: 128 } as const;
