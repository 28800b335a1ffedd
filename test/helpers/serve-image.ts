import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenLocally, type LocalServer } from './listen-locally.js';
import type { WindowsImage } from './windows-image.js';

/** Every name and tag there is the image. */
export interface ImageServer extends LocalServer {
  /** `GET /v2/app/manifests/1`, in order. */
  readonly asked: string[];
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
  const server = await listenLocally((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  return { ...server, asked };
}

function manifestType({ manifest }: WindowsImage): string {
  const parsed: unknown = JSON.parse(manifest);
  const isTyped = typeof parsed === 'object' && parsed !== null && 'mediaType' in parsed;
  return isTyped && typeof parsed.mediaType === 'string' ? parsed.mediaType : 'application/json';
}
