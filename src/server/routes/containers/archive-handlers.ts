import { Readable } from 'node:stream';
import { WindowboxError } from '../../../errors/index.js';
import { goTime } from '../../../docker-api/index.js';
import { unpackAny } from '../../../platform/index.js';
import type { FileStat } from '../../../engine/index.js';
import { type ApiRequest, pathParameter, queryFlag, queryText } from '../../http/api-request.js';
import { empty, type Reply } from '../../http/reply.js';
import type { ContainerContext } from './context.js';

export async function statArchive(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const stat = await containers.stat(pathParameter(request, 'name'), archivePath(request));
  return { kind: 'empty', status: 200, headers: statHeader(stat) };
}

export async function readArchive(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const { stat, tar } = await containers.readFiles(pathParameter(request, 'name'), archivePath(request));
  return {
    kind: 'stream',
    status: 200,
    contentType: 'application/x-tar',
    headers: statHeader(stat),
    chunks: bytesOf(tar),
  };
}

export async function writeArchive(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const path = archivePath(request);
  await containers.writeFiles(pathParameter(request, 'name'), path, {
    tar: plainTar(request.body),
    noOverwriteDirNonDir: queryFlag(request, 'noOverwriteDirNonDir'),
  });
  return empty(200);
}

export async function exportContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const tar = await containers.export(pathParameter(request, 'name'));
  return { kind: 'stream', status: 200, contentType: 'application/x-tar', chunks: bytesOf(tar) };
}

/** The bytes of a stream; destroys it when the reader leaves early. */
export async function* bytesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** A tar stream as it is, or out of what it is packed with. */
export function plainTar(body: AsyncIterable<Uint8Array>): Readable {
  return Readable.from(unpackAny(body));
}

function archivePath(request: ApiRequest): string {
  const path = queryText(request, 'path');
  if (path === undefined) throw new WindowboxError('invalid-argument', 'bad parameter: pathcannot be empty');
  return path;
}

function statHeader(stat: FileStat): Readonly<Record<string, string>> {
  const shape = {
    name: stat.name,
    size: stat.size,
    mode: stat.mode,
    mtime: goTime(stat.modified.getTime()),
    linkTarget: stat.linkTarget,
  };
  return { 'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(shape)).toString('base64') };
}
