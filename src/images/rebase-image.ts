import { WindowboxError } from '../errors/index.js';
import type { ImageConfig, HistoryEntry, ImageProcessConfig } from '../oci/index.js';
import { baseImageConfig } from './base-image.js';
import { findLocal, noSuchImage, resolveImage } from './find-image.js';
import type { LayerRecord } from './image-records.js';
import { syncLayers } from './layer-folder.js';
import { rebaseLayer } from './rebase-layer.js';
import { baseLabel } from './recognise-base.js';
import { layerFolders, type StoreContext } from './store-context.js';
import { type SystemChanges, systemChanges } from './system-changes.js';
import { tagImage } from './tag-image.js';
import type { Base, Image } from './types.js';
import { withRoom } from './with-room.js';

export interface RebaseOptions {
  /** Name or id of a base image. */
  readonly onto: string;
  /** Name of the new image, as a user writes it; default: none. */
  readonly name?: string;
}

export interface RebasedImage {
  readonly id: string;
  readonly from: Base;
  readonly onto: Base;
  /** What in the layers may not suit the other base, one sentence a layer. */
  readonly warnings: readonly string[];
}

/**
 * A new image of another one's own layers on another base, without a build. The config names the new base's Windows; its user and
 * command where the image has none of its own. The old image stays.
 *
 * @throws WindowboxError `not-found`, `invalid-argument` when `onto` is no base image or the image has no layers of its own.
 */
export async function rebaseImage(context: StoreContext, text: string, options: RebaseOptions): Promise<RebasedImage> {
  return withRoom(context, `Cannot rebase "${text}"`, async () => {
    const image = await findLocal(context, text);
    if (!image) throw noSuchImage(text);
    const chains = context.records.find(image.id)?.chains ?? [];
    if (chains.length === 0) throw refused(text, 'it has no layers of its own');
    const onto = await resolveImage(context, options.onto);
    if (!onto.offline || context.records.find(onto.id)?.chains.length !== 0)
      throw refused(text, `"${options.onto}" is no base image`);
    const layers = await moveLayers(context, { chains, onto: onto.base });
    const config = rebasedConfig(image, onto.config, layers);
    const id = await context.content.addText(JSON.stringify(config));
    await syncLayers(context);
    record(context, { id, base: onto.base, layers });
    if (options.name !== undefined) tagImage(context, id, options.name);
    return {
      id,
      from: image.base,
      onto: onto.base,
      warnings: warningsFor(context, { chains, image, onto: onto.base }),
    };
  });
}

async function moveLayers(
  context: StoreContext,
  { chains, onto }: { chains: readonly string[]; onto: Base },
): Promise<readonly LayerRecord[]> {
  const { lower } = await context.bases.ensure(onto);
  const parents = [...lower];
  const moved: LayerRecord[] = [];
  for (const chain of chains) {
    const layer = context.records.layer(chain);
    if (!layer) throw new WindowboxError('data-loss', `Cannot rebase: layer "${chain}" is gone`);
    const diffs = moved.map(({ diff }) => diff);
    const record = await rebaseLayer(context, { layer, parent: onto, diffs, parents: [...parents] });
    moved.push(record);
    parents.unshift(layerFolders(context, record.chain).root);
  }
  return moved;
}

function record(
  context: StoreContext,
  { id, base, layers }: { id: string; base: Base; layers: readonly LayerRecord[] },
): void {
  context.records.transaction(() => {
    for (const layer of layers) context.records.putLayer(layer);
    context.records.put({
      id,
      product: base.product,
      osVersion: base.osVersion,
      baseLayers: 1,
      offline: true,
      manifest: '',
      parent: '',
      size: layers.reduce((sum, { size }) => sum + size, 0),
      taggedAt: 0,
      hidden: false,
      chains: layers.map(({ chain }) => chain),
    });
  });
}

function rebasedConfig(image: Image, onto: ImageConfig, layers: readonly LayerRecord[]): ImageConfig {
  const { 'os.features': _features, ...config } = image.config;
  const history = ownHistory(image);
  return {
    ...config,
    ...(onto['os.version'] === undefined ? {} : { 'os.version': onto['os.version'] }),
    ...(onto['os.features'] === undefined ? {} : { 'os.features': onto['os.features'] }),
    config: rebasedProcess(image, onto.config ?? {}, history),
    rootfs: { ...config.rootfs, diff_ids: [...onto.rootfs.diff_ids, ...layers.map(({ diff }) => diff)] },
    history: [...(onto.history ?? []), ...history],
  };
}

/** What came from the old base comes from the new one: the label, and what no instruction of the image's own set. */
function rebasedProcess(image: Image, onto: ImageProcessConfig, history: readonly HistoryEntry[]): ImageProcessConfig {
  const config = image.config.config ?? {};
  const old = baseImageConfig(image.base).config ?? {};
  const isInherited = (name: 'User' | 'Cmd', instruction: RegExp): boolean =>
    JSON.stringify(config[name] ?? old[name]) === JSON.stringify(old[name]) &&
    !history.some(({ created_by: by }) => instruction.test(by ?? ''));
  const isStarted = (config.Entrypoint ?? []).length > 0;
  return {
    ...config,
    ...(isInherited('User', /(?:^|#\(nop\)\s+)USER\s/u) && onto.User !== undefined ? { User: onto.User } : {}),
    ...(!isStarted && isInherited('Cmd', /(?:^|#\(nop\)\s+)CMD\s/u) && onto.Cmd ? { Cmd: onto.Cmd } : {}),
    Labels: { ...config.Labels, ...(onto.Labels?.[baseLabel] ? { [baseLabel]: onto.Labels[baseLabel] } : {}) },
  };
}

/** What follows the entry of the last layer of the base. */
function ownHistory({ config, baseLayers }: Image): readonly HistoryEntry[] {
  const history = config.history ?? [];
  let left = baseLayers;
  const start = history.findIndex((entry) => {
    if (left === 0) return true;
    if (entry.empty_layer !== true) left -= 1;
    return false;
  });
  return start < 0 ? [] : history.slice(start);
}

function warningsFor(
  context: StoreContext,
  { chains, image, onto }: { chains: readonly string[]; image: Image; onto: Base },
): readonly string[] {
  const steps = ownHistory(image).filter((entry) => entry.empty_layer !== true);
  return chains.flatMap((chain, index) => {
    const said = describeChanges(systemChanges(layerFolders(context, chain)), onto);
    const step = steps[index]?.created_by ?? '';
    return said.map((text) => `Layer ${String(index + 1)}${step === '' ? '' : ` (${step.slice(0, 60)})`} ${text}`);
  });
}

function describeChanges({ files, fileCount, hives, registry }: SystemChanges, onto: Base): readonly string[] {
  const more = fileCount > files.length ? ` and ${String(fileCount - files.length)} more` : '';
  return [
    ...(fileCount === 0
      ? []
      : [`changes files of Windows, which then differ from those of ${onto.osVersion}: ${files.join(', ')}${more}`]),
    ...(hives.length === 0
      ? []
      : [`changes the registry (${hives.join(', ')}) as a difference to the old base: Windows may not accept it`]),
    ...(registry
      ? ['changed the registry during its build: applied here to the new base, unseen by real Windows']
      : []),
  ];
}

function refused(text: string, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot rebase "${text}": ${reason}`, {
    hint: 'Name an image with layers of its own, and with --onto a base such as servercore:ltsc2025.',
  });
}
