import { WindowboxError } from '../../errors/index.js';
import { createFrameDecoder } from '../../docker-api/index.js';
import { writeFully } from './write-fully.js';

export type OutputForm = 'raw' | 'framed';

/**
 * Copies a program's output to our own streams until it ends: raw (a terminal: one stream) or framed (stdout and stderr apart).
 *
 * @throws WindowboxError `data-loss` when the stream ends inside a frame.
 */
export async function copyOutput(source: AsyncIterable<Uint8Array>, form: OutputForm): Promise<void> {
  if (form === 'raw') {
    for await (const chunk of source) await writeFully(1, chunk);
    return;
  }
  const decoder = createFrameDecoder();
  for await (const chunk of source) {
    for (const { stream, data } of decoder.push(chunk)) {
      if (stream === 'system')
        throw new WindowboxError('internal', `Error from daemon in stream: ${new TextDecoder().decode(data)}`);
      await writeFully(stream === 'stderr' ? 2 : 1, data);
    }
  }
  if (!decoder.isBetweenFrames) throw new WindowboxError('data-loss', 'unexpected EOF');
}
