import type * as v from 'valibot';
import { WindowboxError } from '../../errors/index.js';
import { dockerTexts, parseBody } from '../../docker-api/index.js';
import type { ApiRequest } from './api-request.js';

/** A JSON body is never longer than this: a `create` with thousands of labels still fits. */
const longestJson = 4 * 1024 * 1024;
/** A JSON body has to arrive within this time. */
const slowestJsonMs = 30_000;

/**
 * Reads and checks a JSON body. No body at all counts as `{}`, as in Docker.
 *
 * @throws WindowboxError `invalid-argument` in Docker's words, `resource-exhausted` for a body that is too long, `timeout`.
 */
export async function readJson<Schema extends v.GenericSchema>(
  request: ApiRequest,
  schema: Schema,
  structName: string,
): Promise<v.InferOutput<Schema>> {
  return parseBody(schema, (await readJsonValue(request)) ?? {}, structName);
}

/** The body's JSON value; undefined for no body. */
export async function readJsonValue(request: ApiRequest): Promise<unknown> {
  const bytes = await readAll(request);
  if (bytes.length === 0) {
    if (request.headers['transfer-encoding'] !== undefined)
      throw new WindowboxError('invalid-argument', dockerTexts.emptyJson);
    return undefined;
  }
  checkContentType(request.headers['content-type']);
  return parseJson(bytes);
}

function checkContentType(value: string | undefined): void {
  if (value === undefined || value.trim() === '')
    throw new WindowboxError('invalid-argument', dockerTexts.malformedContentType(''));
  const mediaType = value.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw new WindowboxError('invalid-argument', dockerTexts.contentType(value));
}

function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'malformed';
    if (/after JSON/u.test(reason)) throw new WindowboxError('invalid-argument', dockerTexts.contentAfterJson);
    throw new WindowboxError('invalid-argument', `invalid JSON: ${reason}`);
  }
}

async function readAll(request: ApiRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const deadline = Date.now() + slowestJsonMs;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > longestJson)
      throw new WindowboxError(
        'resource-exhausted',
        `Cannot read the request: body is longer than ${String(longestJson)} bytes`,
      );
    if (Date.now() > deadline) throw new WindowboxError('timeout', 'Cannot read the request: body arrives too slowly');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
