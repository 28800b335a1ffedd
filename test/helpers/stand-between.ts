import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { listenLocally, type LocalServer } from './listen-locally.js';

/** What happens to a request on its way. */
export interface Meddling {
  /** Both connections break after so many bytes of the request's body. */
  readonly breakAfter?: number;
  /** So many bytes of a piece are taken, then the connection to the client breaks; a `GET` tells where to go on. */
  readonly takePart?: number;
  /** The connection to the client breaks when the answer comes. */
  readonly loseAnswer?: boolean;
  /** Answered here, with this status. */
  readonly refuse?: number;
  /** More of the answer's headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Between extends LocalServer {
  /** `PATCH 0-99`, `POST`, in order: the method and the range of the body, where it is said. */
  readonly passed: string[];
}

/** Stands between a client and a registry, and lets things happen to requests; the rest passes as it is. */
export async function standBetween(host: string, meddle: (request: IncomingMessage) => Meddling): Promise<Between> {
  const passed: string[] = [];
  const moved = new Map<string, string>();
  const server = await listenLocally((request, response) => {
    passed.push([request.method, request.headers['content-range']].filter(Boolean).join(' '));
    pass({ host, moved, request, response, meddling: meddle(request) }).catch(() => {
      request.socket.destroy();
    });
  });
  return { ...server, passed };
}

interface Passage {
  readonly host: string;
  /** Where uploads go on whose client did not learn it, by path. */
  readonly moved: Map<string, string>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly meddling: Meddling;
}

async function pass(passage: Passage): Promise<void> {
  const { host, moved, request, response, meddling } = passage;
  if (meddling.refuse !== undefined) {
    request.resume();
    response.writeHead(meddling.refuse).end();
    return;
  }
  const path = request.method === 'GET' ? moved.get(pathOf(request)) : undefined;
  const forward = httpRequest(`http://${host}${path ?? request.url ?? ''}`, {
    method: request.method ?? 'GET',
    headers: headersOf(request, meddling),
    agent: false,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    forward.once('response', resolve);
    forward.once('error', reject);
  });
  const [answer] = await Promise.all([answered, pipeline(bodyOf(request, meddling), forward)]);
  if (meddling.loseAnswer === true || meddling.takePart !== undefined) {
    const next = new URL(answer.headers.location ?? '', `http://${host}`);
    moved.set(pathOf(request), `${next.pathname}${next.search}`);
    throw new Error('the answer is lost');
  }
  response.writeHead(answer.statusCode ?? 500, { ...answer.headers, ...meddling.headers });
  await pipeline(answer, response);
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/\?.*$/su, '');
}

function headersOf({ headers }: IncomingMessage, { takePart }: Meddling): IncomingMessage['headers'] {
  if (takePart === undefined) return headers;
  const start = Number.parseInt(headers['content-range'] ?? '0', 10);
  const range = `${String(start)}-${String(start + takePart - 1)}`;
  return { ...headers, 'content-length': String(takePart), 'content-range': range };
}

function bodyOf(request: IncomingMessage, { breakAfter, takePart }: Meddling): Readable {
  const length = breakAfter ?? takePart;
  if (length === undefined) return request;
  let left = length;
  const cut = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      const kept = chunk.subarray(0, left);
      left -= kept.length;
      if (left > 0 || breakAfter === undefined) done(null, kept);
      else {
        cut.push(kept);
        // What was let through is to arrive before the end does.
        setTimeout(() => {
          done(new Error('the connection breaks'));
        }, 200);
      }
    },
  });
  return request.pipe(cut);
}
