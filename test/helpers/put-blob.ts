import assert from 'node:assert/strict';
import { request } from 'node:http';
import { sha256 } from './windows-image.js';

/** Sends a body to a registry as it is; it must be taken. */
export async function put(
  host: string,
  path: string,
  body: Buffer | string,
  type = 'application/octet-stream',
): Promise<void> {
  const status = await new Promise<number>((resolve, reject) => {
    const sent = request(`http://${host}${path}`, { method: 'PUT', headers: { 'content-type': type } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });
  assert.equal(status, 201, path);
}

/** A blob as any client would push it. */
export async function putBlob(
  host: string,
  repository: string,
  bytes: Buffer,
): Promise<{ digest: string; size: number }> {
  const digest = sha256(bytes);
  const location = await new Promise<string>((resolve, reject) => {
    const sent = request(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' }, (answer) => {
      answer.resume();
      resolve(answer.headers.location ?? '');
    });
    sent.on('error', reject);
    sent.end();
  });
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  await put(host, `${url.pathname}${url.search}`, bytes);
  return { digest, size: bytes.length };
}
