import { createHash } from 'node:crypto';
import { exportLayer } from './layers/export-layer.js';

/** The digest and the bytes of the Windows layer that two unpacked folders would be pushed as. */
export async function measureLayer(root: string, meta: string): Promise<{ diff: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of exportLayer({ root, meta })) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { diff: `sha256:${hash.digest('hex')}`, size };
}
