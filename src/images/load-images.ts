import { open } from 'node:fs/promises';
import * as v from 'valibot';
import { describeError, isErrorCode, WindowboxError } from '../errors/index.js';
import {
  type Descriptor,
  isDigest,
  type Manifest,
  mediaTypes,
  parseImageConfig,
  parseJson,
  parseManifest,
  parseReference,
  formatReference,
  familiarReference,
  withDefaultTag,
} from '../oci/index.js';
import { readTar } from '../platform/index.js';
import { addImage, type ImagePlan, planImage } from './add-image.js';
import { wholeFile } from './packed-file.js';
import type { StoreContext } from './store-context.js';
import { withRoom } from './with-room.js';

export interface LoadedImage {
  readonly id: string;
  /** As Docker shows them; empty: it had none. */
  readonly names: readonly string[];
}

/**
 * Takes in an archive of `docker save` (old or new) or an OCI layout, uncompressed.
 *
 * @throws WindowboxError `invalid-argument` for an archive that is neither, or is damaged.
 */
export async function loadImages(
  context: StoreContext,
  tar: AsyncIterable<Uint8Array>,
): Promise<readonly LoadedImage[]> {
  return withRoom(context, 'Cannot load images', async () => {
    const files = await takeFiles(context, tar);
    const entries = files.has('manifest.json') ? await dockerEntries(context, files) : await ociEntries(context, files);
    if (entries.length === 0) throw bad('no image is in it');
    // All is looked at before anything is unpacked: of an archive that ends early, or has a name that is none, nothing stays.
    const there = new Set(files.values());
    const planned = await Promise.all(entries.map(async (entry) => planEntry(context, entry, there)));
    const loaded: LoadedImage[] = [];
    for (const item of planned) loaded.push(await ofArchive(async () => loadOne(context, item)));
    nameLoaded(context, loaded);
    return loaded;
  });
}

/** By name in the archive: the digest of the content. */
type Files = ReadonlyMap<string, string>;

interface Entry {
  readonly names: readonly string[];
  readonly config: string;
  readonly manifest: Manifest;
  /** Digest of the manifest's own bytes; empty: made up here. */
  readonly manifestDigest: string;
}

async function takeFiles(context: StoreContext, tar: AsyncIterable<Uint8Array>): Promise<Files> {
  const files = new Map<string, string>();
  const links: [string, string][] = [];
  for await (const { header, body } of readTar(tar)) {
    const name = header.name.replace(/^(?:\.\/)+/u, '');
    if (name.length > 4096 || header.linkName.length > 4096) throw bad('a name of more than 4096 characters');
    if (header.type === 'symlink') links.push([name, resolveLink(name, header.linkName)]);
    if (header.type === 'hardlink') links.push([name, header.linkName.replace(/^(?:\.\/)+/u, '')]);
    if (files.size + links.length > 100_000) throw bad('more than 100000 files');
    if (header.type !== 'file') continue;
    const said = /^blobs\/sha256\/([0-9a-f]{64})$/u.exec(name)?.[1];
    const expected = said === undefined ? {} : { digest: `sha256:${said}` };
    files.set(name, (await ofArchive(async () => context.content.add(body, expected))).digest);
  }
  for (const [name, target] of links) {
    const digest = files.get(target);
    if (digest !== undefined) files.set(name, digest);
  }
  return files;
}

/** Old archives link a layer that is there twice to the first: `../OTHER/layer.tar`. Names in the archive only, never on the disk. */
function resolveLink(name: string, target: string): string {
  const parts = name.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

const dockerManifest = v.array(
  v.looseObject({
    Config: v.string(),
    RepoTags: v.exactOptional(v.nullable(v.array(v.string()))),
    Layers: v.exactOptional(v.nullable(v.array(v.string()))),
  }),
);

async function dockerEntries(context: StoreContext, files: Files): Promise<Entry[]> {
  const list = parseJson(
    await readFile(context, files, 'manifest.json'),
    dockerManifest,
    'Cannot load images: manifest.json',
  );
  const originals = files.has('index.json') ? await ociEntries(context, files) : [];
  return Promise.all(
    list.map(async ({ Config: name, RepoTags: tags, Layers: paths }) => {
      const config = digestOf(files, name);
      const names = tags ?? [];
      const original = originals.find((entry) => entry.config === config);
      if (original) return { ...original, names };
      const layers = await Promise.all((paths ?? []).map(async (path) => describeLayer(context, files, path)));
      const descriptor = {
        mediaType: mediaTypes.dockerConfig,
        digest: config,
        size: await context.content.size(config),
      };
      return { names, config, manifest: { schemaVersion: 2 as const, config: descriptor, layers }, manifestDigest: '' };
    }),
  );
}

/** A layer that is not in the archive may be Microsoft's: its place is all that matters then. */
async function describeLayer(context: StoreContext, files: Files, path: string): Promise<Descriptor> {
  const digest = files.get(path);
  const named = /([0-9a-f]{64})/u.exec(path)?.[1] ?? '0'.repeat(64);
  if (digest === undefined) return { mediaType: mediaTypes.dockerForeignLayerGzip, digest: `sha256:${named}`, size: 0 };
  return { mediaType: await sniffType(context.content.path(digest)), digest, size: await context.content.size(digest) };
}

async function sniffType(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.readUInt16BE(0) === 0x1f8b) return mediaTypes.ociLayerGzip;
    return buffer.readUInt32LE(0) === 0xfd2fb528 ? mediaTypes.ociLayerZstd : mediaTypes.ociLayer;
  } finally {
    await file.close();
  }
}

async function ociEntries(context: StoreContext, files: Files): Promise<Entry[]> {
  if (!files.has('index.json')) throw bad('neither manifest.json nor index.json is in it', importHint);
  const top = parseManifest(await readFile(context, files, 'index.json'), undefined);
  if (top.kind !== 'index') throw bad('index.json is no index');
  const entries: Entry[] = [];
  for (const descriptor of top.index.manifests) {
    const { 'io.containerd.image.name': full, 'org.opencontainers.image.ref.name': short } =
      descriptor.annotations ?? {};
    const name = full ?? (short?.includes(':') === true ? short : undefined);
    entries.push(
      ...(await readEntry(context, files, { descriptor, names: name === undefined ? [] : [name], depth: 0 })),
    );
  }
  const merged = new Map<string, Entry>();
  for (const entry of entries)
    merged.set(entry.config, { ...entry, names: [...(merged.get(entry.config)?.names ?? []), ...entry.names] });
  return [...merged.values()];
}

async function readEntry(
  context: StoreContext,
  files: Files,
  from: { descriptor: Descriptor; names: readonly string[]; depth: number },
): Promise<Entry[]> {
  const { descriptor, names, depth } = from;
  const path = `blobs/${descriptor.digest.replace(':', '/')}`;
  // An index may list builds that the archive leaves out; what the archive itself lists is in it, unless it ends early.
  if (!files.has(path) && depth > 0) return [];
  const parsed = parseManifest(await readFile(context, files, path), descriptor.mediaType);
  if (parsed.kind === 'manifest') {
    if (
      parsed.manifest.config.mediaType !== mediaTypes.ociConfig &&
      parsed.manifest.config.mediaType !== mediaTypes.dockerConfig
    )
      return [];
    return [
      { names, config: parsed.manifest.config.digest, manifest: parsed.manifest, manifestDigest: descriptor.digest },
    ];
  }
  if (depth >= 2) throw bad('indexes inside indexes');
  const found: Entry[] = [];
  for (const inner of parsed.index.manifests)
    found.push(...(await readEntry(context, files, { descriptor: inner, names, depth: depth + 1 })));
  return found;
}

interface Planned {
  readonly plan: ImagePlan;
  readonly manifestDigest: string;
  readonly names: readonly string[];
}

async function planEntry(context: StoreContext, entry: Entry, there: ReadonlySet<string>): Promise<Planned> {
  if (!there.has(entry.config)) throw bad(`the config "${entry.config}" is not in it`);
  const config = parseImageConfig(await context.content.readText(entry.config), entry.config);
  const plan = planImage(entry.config, config, entry.manifest);
  for (const { descriptor, chain } of plan.layers)
    if (!there.has(descriptor.digest) && !context.records.layer(chain))
      throw bad(`the layer "${descriptor.digest}" is not in it`);
  const names = entry.names.map((name) => familiarReference(withDefaultTag(parseReference(name))));
  return { plan, manifestDigest: entry.manifestDigest, names };
}

async function loadOne(context: StoreContext, { plan, manifestDigest, names }: Planned): Promise<LoadedImage> {
  await addImage(context, plan, {
    manifest: plan.offline ? '' : manifestDigest,
    source: {
      open: ({ descriptor: { digest, size } }) => ({
        file: wholeFile(context.content.path(digest), size),
        verified: Promise.resolve(),
      }),
    },
  });
  context.emit({ action: 'load', imageId: plan.id, reference: plan.id });
  return { id: plan.id, names };
}

/** One name may stand for several builds, which all came with the archive. */
function nameLoaded(context: StoreContext, loaded: readonly LoadedImage[]): void {
  const ids = new Map<string, string[]>();
  for (const { id, names } of loaded) for (const name of names) ids.set(name, [...(ids.get(name) ?? []), id]);
  context.records.transaction(() => {
    for (const [name, builds] of ids)
      context.records.setName(formatReference(parseReference(name)), [...new Set(builds)], Date.now());
  });
}

async function readFile(context: StoreContext, files: Files, name: string): Promise<string> {
  return context.content.readText(digestOf(files, name));
}

function digestOf(files: Files, name: string): string {
  const digest = files.get(name);
  if (digest === undefined || !isDigest(digest)) throw bad(`"${name}" is not in it`);
  return digest;
}

/** Whatever differs from what is said of it came with the archive: nothing of the store's own is lost. */
async function ofArchive<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw isErrorCode(error, 'data-loss') ? bad(describeError(error)) : error;
  }
}

function bad(reason: string, hint = 'The archive is damaged or not whole.'): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot load images: ${reason}`, { hint });
}

const importHint = 'The archive is not whole, or none of images: one of files is read by "docker import".';
