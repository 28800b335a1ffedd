import type { Readable } from 'node:stream';
import * as v from 'valibot';
import { isDigest, mediaTypes, parseJson } from '../../oci/index.js';
import { createSender, type Send, type SenderOptions } from './create-sender.js';
import { refusal } from './registry-refusal.js';
import { readBody } from './send-request.js';
import { type BlobUpload, uploadBlob } from './upload-blob.js';

export interface FetchedManifest {
  readonly json: string;
  readonly mediaType: string;
  /** As the registry says it; whoever asked by digest checks it. */
  readonly digest: string;
}

/** One repository of one registry, as the distribution specification has it. */
export interface Repository {
  readonly domain: string;
  readonly path: string;
  /** @throws WindowboxError `not-found`, `unauthenticated`, `permission-denied`, `unavailable`. */
  getManifest(reference: string, signal?: AbortSignal): Promise<FetchedManifest>;
  /** The bytes from `offset` on; `partial` says whether the registry left the first ones out as asked. */
  getBlob(
    digest: string,
    offset: number,
    signal?: AbortSignal,
  ): Promise<{ readonly body: Readable; readonly partial: boolean }>;
  hasBlob(digest: string, signal?: AbortSignal): Promise<boolean>;
  /** Takes a blob over from another repository of the same registry; false when the registry wants the bytes instead. */
  mountBlob(digest: string, from: string, signal?: AbortSignal): Promise<boolean>;
  /** `source` is called again for another try. */
  putBlob(blob: BlobUpload, signal?: AbortSignal): Promise<void>;
  /** Answers the digest. */
  putManifest(
    reference: string,
    manifest: { readonly json: string; readonly mediaType: string },
    signal?: AbortSignal,
  ): Promise<void>;
  listTags(signal?: AbortSignal): Promise<readonly string[]>;
}

export function openRepository(options: SenderOptions): Repository {
  const send = createSender(options);
  const base = `/v2/${options.path}`;
  const named = `${options.domain}/${options.path}`;
  const withSignal = (signal?: AbortSignal): { signal?: AbortSignal } => (signal ? { signal } : {});
  return {
    domain: options.domain,
    path: options.path,
    getManifest: async (reference, signal) => {
      const headers = { accept: acceptedManifests };
      const answer = await send({
        method: 'GET',
        target: `${base}/manifests/${reference}`,
        headers,
        ...withSignal(signal),
      });
      const json = await readBody(answer, 4 << 20);
      if (answer.status !== 200) throw refusal(answer, json, `${named}${isDigest(reference) ? '@' : ':'}${reference}`);
      const said = answer.headers['docker-content-digest'];
      return {
        json,
        mediaType: (answer.headers['content-type'] ?? '').replace(/;.*$/u, ''),
        digest: typeof said === 'string' ? said : '',
      };
    },
    getBlob: async (digest, offset, signal) => {
      const headers = offset > 0 ? { range: `bytes=${String(offset)}-` } : {};
      const answer = await send({ method: 'GET', target: `${base}/blobs/${digest}`, headers, ...withSignal(signal) });
      if (answer.status === 200 || answer.status === 206) return { body: answer.body, partial: answer.status === 206 };
      throw refusal(answer, await readBody(answer, 1 << 16), `${named}@${digest}`);
    },
    hasBlob: async (digest, signal) => {
      const answer = await send({ method: 'HEAD', target: `${base}/blobs/${digest}`, ...withSignal(signal) });
      answer.body.resume();
      return answer.status === 200;
    },
    mountBlob: async (digest, from, signal) => {
      const target = `${base}/blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`;
      const scope = `repository:${options.path}:pull,push repository:${from}:pull`;
      const answer = await send({ method: 'POST', target, scope, ...withSignal(signal) });
      answer.body.resume();
      return answer.status === 201;
    },
    putBlob: async (blob, signal) => uploadBlob({ send, base, named, blob, ...withSignal(signal) }),
    putManifest: async (reference, manifest, signal) => {
      const answer = await send({
        method: 'PUT',
        target: `${base}/manifests/${reference}`,
        headers: { 'content-type': manifest.mediaType },
        body: () => Buffer.from(manifest.json),
        ...withSignal(signal),
      });
      const text = await readBody(answer, 1 << 16);
      if (answer.status !== 201) throw refusal(answer, text, `${named}:${reference}`);
    },
    listTags: async (signal) => readTags(send, base, named, signal),
  };
}

async function readTags(send: Send, base: string, named: string, signal?: AbortSignal): Promise<readonly string[]> {
  const tags: string[] = [];
  for (let target: string | undefined = `${base}/tags/list?n=1000`; target !== undefined && tags.length < 100_000;) {
    const answer = await send({ method: 'GET', target, ...(signal ? { signal } : {}) });
    const text = await readBody(answer, 4 << 20);
    if (answer.status !== 200) throw refusal(answer, text, named);
    tags.push(...(parseJson(text, tagList, `Cannot read the tags of "${named}"`).tags ?? []));
    const { link } = answer.headers;
    target = /<([^>]+)>;\s*rel="?next/u.exec(Array.isArray(link) ? (link[0] ?? '') : (link ?? ''))?.[1];
  }
  return tags;
}

const tagList = v.looseObject({ tags: v.nullish(v.array(v.string())) });

const acceptedManifests = [
  mediaTypes.ociIndex,
  mediaTypes.dockerIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
].join(', ');
