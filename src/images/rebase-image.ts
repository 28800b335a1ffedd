import { isErrorCode, WindowboxError } from '../errors/index.js';
import type { HistoryEntry, ImageConfig } from '../oci/index.js';
import { checkDepth } from './add-image.js';
import { baseImageConfig } from './base-image.js';
import { findLocal, noSuchImage, resolveImage } from './find-image.js';
import type { LayerRecord } from './image-records.js';
import { recordLayers } from './record-layers.js';
import { rebaseLayer } from './rebase-layer.js';
import { rebasedConfig } from './rebased-config.js';
import { layerFolders, type StoreContext } from './store-context.js';
import { type SystemChanges, systemChanges } from './system-changes.js';
import { tagImage } from './tag-image.js';
import type { Base, Image } from './types.js';
import { withRoom } from './with-room.js';

export interface RebaseOptions {
  /** Name or id of what the image is to stand on: a base image, or any other. */
  readonly onto: string;
  /** Name or id of the image that it was built on, whose layers are left out; default: Windows alone. */
  readonly from?: string;
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
 * A new image of another one's own layers on another base, without a build. The config names the new base's Windows; what the image did
 * not set itself is the new base's too. The old image stays.
 *
 * @throws WindowboxError `not-found`, `invalid-argument` when the image has no layers of its own or was not built on `from`.
 */
export async function rebaseImage(context: StoreContext, text: string, options: RebaseOptions): Promise<RebasedImage> {
  return withRoom(context, `Cannot rebase "${text}"`, async () => {
    const image = await findLocal(context, text);
    if (!image) throw noSuchImage(text);
    const own = await ownParts(context, image, { text, from: options.from });
    if (own.chains.length === 0) throw refused(text, 'it has no layers of its own');
    const onto = await findOnto(context, text, options.onto);
    const layers = await moveLayers(context, own.chains, onto);
    const diffs = layers.slice(-own.chains.length).map(({ diff }) => diff);
    const { from, history } = own;
    const config = rebasedConfig({ image: image.config, from, onto: onto.config, history, diffs });
    const id = await context.content.addText(JSON.stringify(config));
    record(context, { id, onto, layers });
    if (options.name !== undefined) tagImage(context, id, options.name);
    const warnings = image.base.osVersion === onto.base.osVersion ? [] : warningsFor(context, own, onto.base);
    return { id, from: image.base, onto: onto.base, warnings };
  });
}

interface OwnParts {
  /** Lowest first. */
  readonly chains: readonly string[];
  readonly history: readonly HistoryEntry[];
  /** Config of what lies below. */
  readonly from: ImageConfig;
}

/** What an image has above the one that it was built on. */
async function ownParts(
  context: StoreContext,
  image: Image,
  { text, from }: { text: string; from: string | undefined },
): Promise<OwnParts> {
  const chains = context.records.find(image.id)?.chains ?? [];
  const history = image.config.history ?? [];
  if (from === undefined)
    return { chains, history: historyAbove(history, image.baseLayers), from: baseImageConfig(image.base) };
  const below = await resolveImage(context, from);
  const lower = context.records.find(below.id)?.chains ?? [];
  const isBelow = lower.every((chain, index) => chain === chains[index]) && isSameBase(image.base, below.base);
  if (!isBelow) throw refused(text, `it was not built on "${from}"`);
  const steps = below.config.history ?? [];
  // Its last steps may have made no layer: only the same steps tell where it ends.
  const isSame = steps.every((step, index) => step.created_by === history[index]?.created_by);
  return {
    chains: chains.slice(lower.length),
    history: isSame ? history.slice(steps.length) : historyAbove(history, image.baseLayers + lower.length),
    from: below.config,
  };
}

function isSameBase(a: Base, b: Base): boolean {
  return a.product === b.product && a.osVersion === b.osVersion;
}

async function findOnto(context: StoreContext, text: string, onto: string): Promise<Image> {
  try {
    return await resolveImage(context, onto);
  } catch (error) {
    if (!isErrorCode(error, 'not-found')) throw error;
    throw new WindowboxError('not-found', `Cannot rebase "${text}": "${onto}" is no base image, and no image here`, {
      hint: '"windowbox bases" lists the bases. Pull any other image first.',
      cause: error,
    });
  }
}

/** All layers of the new image, lowest first. */
async function moveLayers(
  context: StoreContext,
  chains: readonly string[],
  onto: Image,
): Promise<readonly LayerRecord[]> {
  const { lower } = await context.bases.ensure(onto.base);
  const ontoChains = context.records.find(onto.id)?.chains ?? [];
  checkDepth(ontoChains.length + chains.length);
  const moved = ontoChains.map((chain) => layerOf(context, chain));
  const parents = [...ontoChains.toReversed().map((chain) => layerFolders(context, chain).root), ...lower];
  for (const chain of chains) {
    const diffs = moved.map(({ diff }) => diff);
    const layer = await rebaseLayer(context, {
      layer: layerOf(context, chain),
      parent: onto.base,
      diffs,
      parents: [...parents],
    });
    moved.push(layer);
    parents.unshift(layerFolders(context, layer.chain).root);
  }
  return moved;
}

function layerOf({ records }: StoreContext, chain: string): LayerRecord {
  const layer = records.layer(chain);
  if (layer) return layer;
  throw new WindowboxError('data-loss', `Cannot rebase: layer "${chain}" is gone`);
}

/** As an image that was built on the new base. */
function record(
  context: StoreContext,
  { id, onto, layers }: { id: string; onto: Image; layers: readonly LayerRecord[] },
): void {
  context.records.transaction(() => {
    const below = context.records.find(onto.id);
    if (!below) throw noSuchImage(onto.id);
    recordLayers(context, layers);
    context.records.put({
      ...below,
      id,
      parent: '',
      size: layers.reduce((sum, { size }) => sum + size, 0),
      taggedAt: 0,
      hidden: false,
      chains: layers.map(({ chain }) => chain),
    });
  });
}

/** What follows the entry of the last of so many layers. */
function historyAbove(history: readonly HistoryEntry[], layers: number): readonly HistoryEntry[] {
  let left = layers;
  const start = history.findIndex((entry) => {
    if (left === 0) return true;
    if (entry.empty_layer !== true) left -= 1;
    return false;
  });
  return start < 0 ? [] : history.slice(start);
}

function warningsFor(context: StoreContext, { chains, history }: OwnParts, onto: Base): readonly string[] {
  const steps = history.filter((entry) => entry.empty_layer !== true);
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
    hint: 'Name an image with layers of its own, with --onto a base such as servercore:ltsc2025 or another image, and with --from the image that it was built on where that is no base.',
  });
}
