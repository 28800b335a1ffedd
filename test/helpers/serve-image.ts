import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { WindowsImage } from './windows-image.js';

export interface ImageServer {
  /** `127.0.0.1:PORT`; every name and tag there is the image. */
  readonly host: string;
  /** `GET /v2/app/manifests/1`, in order. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** Answers in the registry's place, and says so by `true`. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

/** A registry that has one image, and that a test lets misbehave. */
export async function serveImage(image: WindowsImage, intercept: Intercept = () => false): Promise<ImageServer> {
  const asked: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    request.resume();
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (await intercept(request, response)) return;
    const [, kind, what = ''] = /\/(manifests|blobs)\/([^/?]+)/u.exec(request.url ?? '') ?? [];
    const found = kind === 'manifests' ? Buffer.from(image.manifest) : image.blobs.get(what);
    const type = kind === 'manifests' ? manifestType(image) : 'application/octet-stream';
    response.writeHead(found ? 200 : 404, found ? { 'content-type': type, 'content-length': found.length } : {});
    response.end(found);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host: `127.0.0.1:${String(address.port)}`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function manifestType({ manifest }: WindowsImage): string {
  const parsed: unknown = JSON.parse(manifest);
  const isTyped = typeof parsed === 'object' && parsed !== null && 'mediaType' in parsed;
  return isTyped && typeof parsed.mediaType === 'string' ? parsed.mediaType : 'application/json';
}
