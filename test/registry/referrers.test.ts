import assert from 'node:assert/strict';
import { openStore, putImage, registry } from '../helpers/registry-world.js';
import { put, putBlob } from '../helpers/put-blob.js';
import { registryTest } from '../helpers/start-registry.js';
import { sha256 } from '../helpers/windows-image.js';

registryTest("a pull and a push leave an image's referrers and their fallback tag as they are", async () => {
  const { digest, json } = await putImage({ repository: 'signed', tag: '1' });
  const fallback = await putSignature(digest, Buffer.byteLength(json));
  const before = await readAll();
  const store = await openStore();
  const id = await store.pull(`${registry.host}/signed:1`);
  assert.deepEqual(
    (await store.list({ all: true })).flatMap(({ names }) => names),
    [`${registry.host}/signed:1`],
    'the referrers are no part of the image',
  );
  await store.push(`${registry.host}/signed:1`);
  await store.remove(id, { force: true, prune: true });
  assert.deepEqual(await readAll(), before);

  const again = await store.pull(`${registry.host}/signed:1`);
  await store.tag(again, `${registry.host}/signed:2`);
  await store.push(`${registry.host}/signed:2`);
  const { [fallback]: kept, ...tags } = await readAll();
  assert.equal(kept, before[fallback]);
  assert.deepEqual(tags, { 1: digest, 2: digest }, 'by its digest the new tag has the same referrers');
  store.close();
});

registryTest('a pull of all tags leaves out those that stand for referrers', async () => {
  const { digest, json } = await putImage({ repository: 'signed-all', tag: '1' });
  await putSignature(digest, Buffer.byteLength(json), 'signed-all');
  const store = await openStore();
  await store.pullAllTags(`${registry.host}/signed-all`);
  assert.deepEqual(
    (await store.list({ all: true })).flatMap(({ names }) => names),
    [`${registry.host}/signed-all:1`],
  );
  store.close();
});

/** A signature of an image, and the index of its referrers where a registry without their API has it. Answers the tag of that. */
async function putSignature(digest: string, size: number, repository = 'signed'): Promise<string> {
  const empty = await putBlob(registry.host, repository, Buffer.from('{}'));
  const artifact = JSON.stringify({
    schemaVersion: 2,
    mediaType: ociManifest,
    artifactType: 'application/vnd.example.signature',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', ...empty },
    layers: [{ mediaType: 'application/vnd.oci.empty.v1+json', ...empty }],
    subject: { mediaType: 'application/vnd.docker.distribution.manifest.v2+json', digest, size },
  });
  await put(registry.host, `/v2/${repository}/manifests/${sha256(artifact)}`, artifact, ociManifest);
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const entry = { mediaType: ociManifest, digest: sha256(artifact), size: Buffer.byteLength(artifact) };
  const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [entry] });
  const tag = digest.replace(':', '-');
  await put(registry.host, `/v2/${repository}/manifests/${tag}`, index, mediaType);
  return tag;
}

/** Each tag with its digest. */
async function readAll(): Promise<Record<string, string>> {
  const base = `http://${registry.host}/v2/signed`;
  const { tags }: { tags: string[] } = JSON.parse(await (await fetch(`${base}/tags/list`)).text());
  const entries = tags.map(async (tag) => {
    const headers = {
      accept: `application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json`,
    };
    const bytes = await (await fetch(`${base}/manifests/${tag}`, { headers })).text();
    return [tag, sha256(bytes)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
