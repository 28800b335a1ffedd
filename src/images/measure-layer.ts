import { createHash } from 'node:crypto';
import { exportLayer } from './layers/export-layer.js';

/** The digest of the Windows layer that two unpacked folders would be pushed as, and the bytes of its files, as Docker counts. */
export async function measureLayer(root: string, meta: string): Promise<{ diff: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const onContent = (bytes: number): void => {
    size += bytes;
  };
  for await (const chunk of exportLayer({ root, meta, onContent })) hash.update(chunk);
  return { diff: `sha256:${hash.digest('hex')}`, size };
}
