import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { WindowboxError } from '../../../errors/index.js';
import type { ApiRequest } from '../../http/api-request.js';
import { readJson } from '../../http/read-body.js';
import { json, type Reply } from '../../http/reply.js';

export type Secrets = ReadonlyMap<string, Uint8Array>;

/** Secrets that a client has handed over for a build that it is about to start. In memory only, each set taken once. */
export interface PendingSecrets {
  /** `POST /build/secrets`: answers the id that `POST /build?secrets=` takes. */
  add(request: ApiRequest): Promise<Reply>;
  /** Empty for no id. @throws WindowboxError `not-found` for one that was taken, or came too long ago. */
  take(id: string | undefined): Secrets;
}

export function makePendingSecrets(): PendingSecrets {
  const pending = new Map<string, Secrets>();
  return {
    add: async (request) => {
      const body = await readJson(request, schema, 'Secrets');
      const secrets = new Map(Object.entries(body.Secrets).map(([id, text]) => [id, decode(id, text)]));
      if (pending.size >= mostPending)
        throw new WindowboxError('resource-exhausted', 'Cannot take secrets: too many wait for their build', {
          hint: `Each set waits ${String(waitsMs / 1000)} seconds.`,
        });
      const id = randomBytes(32).toString('hex');
      pending.set(id, secrets);
      setTimeout(() => pending.delete(id), waitsMs).unref();
      return json({ Id: id }, 201);
    },
    take: (id) => {
      if (id === undefined) return new Map();
      const secrets = pending.get(id);
      if (!secrets) throw new WindowboxError('not-found', 'Cannot find the secrets of the build: taken, or too old');
      pending.delete(id);
      return secrets;
    },
  };
}

const schema = v.object({ Secrets: v.record(v.string(), v.string()) });
const mostPending = 64;
const waitsMs = 60_000;
/** BuildKit's. */
const longestSecret = 500 * 1024;

function decode(id: string, text: string): Uint8Array {
  if (id === '' || id.length > 255 || id.includes('\0'))
    throw new WindowboxError('invalid-argument', `invalid secret id ${JSON.stringify(id.slice(0, 255))}`);
  if (!/^[A-Za-z\d+/]*={0,2}$/u.test(text))
    throw new WindowboxError('invalid-argument', `invalid secret ${id}: it is no base64`);
  const value = Buffer.from(text, 'base64');
  if (value.length <= longestSecret) return value;
  throw new WindowboxError('invalid-argument', `invalid secret ${id}: it is too big, at most 500KB are taken`);
}
