import { WindowboxError } from '../../../errors/index.js';
import { dockerTexts, encodeFrame, hasFeature, logTime } from '../../../docker-api/index.js';
import type { LogEntry } from '../../../engine/index.js';
import { type ApiRequest, pathParameter, queryFlag, queryMoment, queryText } from '../../http/api-request.js';
import { multiplexedStream, rawStream, type Reply } from '../../http/reply.js';
import type { ContainerContext } from './context.js';

/** `GET /containers/{id}/logs`: framed as `attach`, unless the container has a terminal. */
export async function showLogs(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const stdout = queryFlag(request, 'stdout');
  const stderr = queryFlag(request, 'stderr');
  if (!stdout && !stderr) throw new WindowboxError('invalid-argument', dockerTexts.noStreamChosen);
  const { terminal, entries } = await containers.logs(pathParameter(request, 'name'), {
    stdout,
    stderr,
    follow: queryFlag(request, 'follow'),
    since: queryMoment(request, 'since') ?? 0n,
    until: queryMoment(request, 'until') ?? 0n,
    tail: tailOf(queryText(request, 'tail')),
    signal: request.signal,
  });
  const framed = !terminal;
  const multiplexed = framed && hasFeature(request.version, 'multiplexedContentType');
  return {
    kind: 'stream',
    status: 200,
    contentType: multiplexed ? multiplexedStream : rawStream,
    chunks: logChunks(entries, { framed, timestamps: queryFlag(request, 'timestamps') }),
  };
}

/** Anything but a number counts as `all`, in Docker too. */
function tailOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}$/u.test(value) ? Number(value) : undefined;
}

async function* logChunks(
  entries: AsyncIterable<LogEntry>,
  { framed, timestamps }: { readonly framed: boolean; readonly timestamps: boolean },
): AsyncGenerator<Uint8Array> {
  for await (const { stream, time, data } of entries) {
    const line = timestamps ? Buffer.concat([Buffer.from(`${logTime(time)} `), data]) : data;
    yield framed ? encodeFrame(stream, line) : line;
  }
}
