import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tarEnd, tarHeader, tarPadding } from '../../src/platform/index.js';

/** A small image of one layer, above Microsoft's where it has one, as a registry holds it. */
export interface WindowsImage {
  readonly manifest: string;
  /** By digest: config and the own layer; Microsoft's is nowhere. */
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly configDigest: string;
  readonly layerDigest: string;
}

export function makeImage(files: Readonly<Record<string, string>>, { hasBase = true } = {}): WindowsImage {
  const layer = layerOf(files);
  const packed = gzipSync(layer);
  const config = Buffer.from(
    JSON.stringify({
      os: 'windows',
      architecture: 'amd64',
      'os.version': '10.0.20348.1',
      rootfs: { type: 'layers', diff_ids: [...(hasBase ? [sha256('theirs')] : []), sha256(layer)] },
      history: [...(hasBase ? [{ created_by: 'Apply image 10.0.20348.1' }] : []), { created_by: 'COPY' }],
    }),
  );
  const descriptor = (mediaType: string, bytes: Buffer): object => ({
    mediaType,
    digest: sha256(bytes),
    size: bytes.length,
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(mediaTypes.config, config),
    layers: [
      ...(hasBase ? [descriptor(mediaTypes.gzip, Buffer.from('theirs'))] : []),
      descriptor(mediaTypes.gzip, packed),
    ],
  });
  return {
    manifest,
    blobs: new Map([config, packed].map((bytes) => [sha256(bytes), bytes])),
    configDigest: sha256(config),
    layerDigest: sha256(packed),
  };
}

/** A Windows layer with plain files in it. */
export function layerOf(files: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat([
    tarHeader({ name: 'Files', type: 'folder' }),
    ...Object.entries(files).flatMap(([name, text]) => [
      tarHeader({ name: `Files/${name}`, type: 'file', size: Buffer.byteLength(text) }),
      Buffer.from(text),
      tarPadding(Buffer.byteLength(text)),
    ]),
    tarHeader({ name: 'Hives', type: 'folder' }),
    tarEnd,
  ]);
}

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export const mediaTypes = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  gzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;
