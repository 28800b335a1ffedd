import { createHash } from 'node:crypto';
import type { ImageConfig } from '../oci/index.js';
import { tarEnd, tarHeader } from '../platform/index.js';
import { baseLabel } from './recognise-base.js';
import type { StoreContext } from './store-context.js';
import type { Base, BaseProduct } from './types.js';

/** Makes the record of one of Windowbox's own bases, or finds it. Needs no network; the folders are made when a container asks for them. */
export async function addBaseImage(context: StoreContext, base: Base): Promise<string> {
  const id = await context.content.addText(JSON.stringify(baseImageConfig(base)));
  context.records.put({
    id,
    product: base.product,
    osVersion: base.osVersion,
    baseLayers: 1,
    offline: true,
    manifest: '',
    parent: '',
    size: 0,
    taggedAt: 0,
    hidden: false,
    chains: [],
  });
  return id;
}

/**
 * The config of a base. As Microsoft's own: no environment (the PATH is in the registry), `cmd.exe` as the command, and on Nano
 * Server the unprivileged user. Equal bases have equal ids on every machine.
 */
export function baseImageConfig(base: Base): ImageConfig {
  const created = base.released ?? '1970-01-01T00:00:00Z';
  return {
    created,
    architecture: 'amd64',
    os: 'windows',
    'os.version': base.osVersion,
    ...(base.product === 'nanoserver' ? {} : { 'os.features': ['win32k'] }),
    config: {
      Cmd: ['c:\\windows\\system32\\cmd.exe'],
      User: base.product === 'nanoserver' ? 'ContainerUser' : 'ContainerAdministrator',
      Labels: { [baseLabel]: `${base.product} ${base.osVersion}` },
    },
    rootfs: { type: 'layers', diff_ids: [placeholderDiff(base)] },
    history: [
      {
        created,
        created_by: `Windowbox base for ${titles[base.product]} ${base.osVersion}`,
        comment: 'made from Wine; stands for the Microsoft base image, holds nothing of it',
      },
    ],
  };
}

/** Stands in an offline image for Microsoft's layers, until a push knows them: a layer without files that says which base it means. */
export function placeholderLayer({ product, osVersion }: Pick<Base, 'product' | 'osVersion'>): Buffer {
  return Buffer.concat([
    tarHeader({ name: 'Files', type: 'folder', pax: { 'WINDOWBOX.base': `${product} ${osVersion}` } }),
    tarHeader({ name: 'Hives', type: 'folder' }),
    tarEnd,
  ]);
}

export function placeholderDiff(base: Pick<Base, 'product' | 'osVersion'>): string {
  return sha256(placeholderLayer(base));
}

/**
 * Names of the unpacked layers above a base, lowest first: as OCI's chain ids, but standing on the base. Layers that were built
 * here and pulled elsewhere are the same folders.
 */
export function chainIds(base: Pick<Base, 'product' | 'osVersion'>, diffs: readonly string[]): string[] {
  let below = `windowbox-base:${base.product}:${base.osVersion}`;
  return diffs.map((diff) => {
    below = sha256(`${below} ${diff}`);
    return below;
  });
}

function sha256(text: string | Buffer): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

const titles: Readonly<Record<BaseProduct, string>> = {
  nanoserver: 'Nano Server',
  servercore: 'Windows Server Core',
  server: 'Windows Server',
  windows: 'Windows',
};
