import { WindowboxError } from '../../../errors/index.js';
import { hasFeature } from '../../../docker-api/index.js';
import { type ApiRequest, pathParameter, queryFlag, querySize } from '../../http/api-request.js';
import { attachReply, checkDetachKeys } from '../../http/attach-reply.js';
import { empty, type Reply } from '../../http/reply.js';
import type { ContainerContext } from './context.js';

export async function attachContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const detachKeys = checkDetachKeys(request);
  const session = await containers.attach(pathParameter(request, 'name'), {
    stdin: queryFlag(request, 'stdin'),
    stdout: queryFlag(request, 'stdout'),
    stderr: queryFlag(request, 'stderr'),
    stream: queryFlag(request, 'stream'),
    logs: queryFlag(request, 'logs'),
  });
  return attachReply(session, { version: request.version, detachKeys });
}

/** The same in a WebSocket: never framed. Before API 1.42 all three streams are joined. */
export async function attachWebSocket(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  if (request.headers.upgrade?.toLowerCase() !== 'websocket')
    throw new WindowboxError('invalid-argument', 'Cannot attach: this endpoint takes WebSocket connections only');
  const detachKeys = checkDetachKeys(request);
  const chosen = hasFeature(request.version, 'webSocketStreams');
  const session = await containers.attach(pathParameter(request, 'name'), {
    stdin: !chosen || queryFlag(request, 'stdin'),
    stdout: !chosen || queryFlag(request, 'stdout'),
    stderr: !chosen || queryFlag(request, 'stderr'),
    stream: queryFlag(request, 'stream'),
    logs: queryFlag(request, 'logs'),
  });
  return attachReply(session, { version: request.version, detachKeys, framed: false });
}

export async function resizeContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  await containers.resize(pathParameter(request, 'name'), querySize(request));
  return empty(200);
}
