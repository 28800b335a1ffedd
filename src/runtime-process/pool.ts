import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../errors/index.js';
import type { SandboxSpec } from '../runtime/index.js';
import { applyLimits } from '../runtime-linux/index.js';
import { type Context, cgroupOf } from './context.js';
import { keepLastBase, readLastBase } from './last-base.js';
import { makeReadySandbox, type ReadySandbox } from './make-sandbox.js';
import { releaseSandbox } from './release-sandbox.js';

/** A sandbox that waits for its container, in a network namespace that was lent to us. */
export interface PreparedSandbox extends ReadySandbox {
  readonly namespace?: string | undefined;
}

/**
 * Keeps one sandbox ready for the base that was used last: namespaces up, Wine's server and the agent running, layer pristine. While
 * containers come faster than one sandbox gets ready, two are made at a time. docs/decisions: prepared sandboxes.
 */
export interface Pool {
  /** The prepared sandbox, for the caller to hand out; undefined when there is none that fits. */
  take(spec: SandboxSpec): Promise<PreparedSandbox | undefined>;
  /** The base that is likely to be wanted next; prepares in the background. */
  expect(lower: readonly string[]): void;
  owns(name: string): boolean;
  /** Ends what is prepared. */
  close(): Promise<void>;
}

/** Time in which the container that was just handed out starts its program before the next one is prepared. */
const refillDelayMs = 150;
/** After this time in which nobody had to wait, one at a time is enough again. */
const calmMs = 5000;
const prefix = 'prepared-';

export function isPreparedName(name: string): boolean {
  return name.startsWith(prefix);
}

interface Prepared {
  readonly name: string;
  readonly lower: readonly string[];
  readonly ready: Promise<PreparedSandbox | undefined>;
}

export function makePool(context: Context): Pool {
  const enabled = context.options.prepare !== false;
  const shelf = makeShelf(context);
  const hurried = makeCalm(() => shelf.trim(1));
  let wanted = enabled ? readLastBase(context) : undefined;
  let timer: NodeJS.Timeout | undefined;

  const fill = (): void => {
    timer = undefined;
    if (wanted === undefined) return;
    for (let count = shelf.size(); count < (hurried.now() ? 2 : 1); count += 1) shelf.put(wanted);
  };
  fill();
  return {
    take: async (spec) => {
      if (!enabled || !spec.pristine || spec.mounts.length > 0) return undefined;
      const prepared = shelf.take(spec.layer.lower);
      if (prepared?.isReady !== true && wanted !== undefined && sameBase(wanted, spec.layer.lower)) {
        hurried.begin();
        fill();
      }
      if (prepared === undefined) return undefined;
      await hurry(context, prepared);
      return prepared.ready;
    },
    expect: (lower) => {
      if (!enabled) return;
      if (wanted === undefined || !sameBase(wanted, lower)) void keepLastBase(context, lower);
      wanted = lower;
      shelf.keepOnly(lower);
      if (hurried.now()) fill();
      else if (shelf.size() === 0) timer ??= setTimeout(fill, refillDelayMs).unref();
    },
    owns: (name) => shelf.has(name),
    close: async () => {
      clearTimeout(timer);
      hurried.end();
      wanted = undefined;
      await shelf.clear();
    },
  };
}

/** What is prepared or being prepared, the oldest first. */
interface Shelf {
  put(lower: readonly string[]): void;
  take(lower: readonly string[]): (Prepared & { readonly isReady: boolean }) | undefined;
  size(): number;
  has(name: string): boolean;
  /** Discards those of other bases. */
  keepOnly(lower: readonly string[]): void;
  /** Discards all but the oldest. */
  trim(count: number): void;
  /** Discards all; resolves when they are gone. */
  clear(): Promise<void>;
}

function makeShelf(context: Context): Shelf {
  let held: readonly Prepared[] = [];
  const ready = new Set<Prepared>();
  const leaving = new Set<Promise<void>>();
  const keep = (stays: (prepared: Prepared, index: number) => boolean): void => {
    const all = held;
    held = all.filter(stays);
    for (const prepared of all) {
      if (held.includes(prepared)) continue;
      ready.delete(prepared);
      const gone = discard(context, prepared).finally(() => leaving.delete(gone));
      leaving.add(gone);
    }
  };
  return {
    put: (lower) => {
      const prepared = prepare(context, lower);
      held = [...held, prepared];
      void prepared.ready.then(() => held.includes(prepared) && ready.add(prepared));
    },
    take: (lower) => {
      const prepared = held.find((one) => sameBase(one.lower, lower));
      if (prepared === undefined) return undefined;
      held = held.filter((one) => one !== prepared);
      return { ...prepared, isReady: ready.delete(prepared) };
    },
    size: () => held.length,
    has: (name) => held.some((one) => one.name === name),
    keepOnly: (lower) => {
      keep((one) => sameBase(one.lower, lower));
    },
    trim: (count) => {
      keep((_one, index) => index < count);
    },
    clear: async () => {
      keep(() => false);
      await Promise.all(leaving);
    },
  };
}

/** Remembers for a while that somebody had to wait. */
function makeCalm(onCalm: () => void): { begin(): void; now(): boolean; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    begin: () => {
      end();
      timer = setTimeout(() => {
        timer = undefined;
        onCalm();
      }, calmMs).unref();
    },
    now: () => timer !== undefined,
    end,
  };
}

/** Removes the prepared sandboxes of a daemon that died. */
export async function purgePrepared(context: Context, pool: Pool): Promise<void> {
  const left = async (folder: string): Promise<readonly string[]> =>
    (await readdir(folder).catch(() => [])).filter((name) => isPreparedName(name) && !pool.owns(name));
  for (const name of await left(context.sandboxes)) await releaseSandbox(context, name);
  for (const name of await left(context.options.prepared)) await removeLayer(context, name);
}

function sameBase(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((path, index) => path === other[index]);
}

function prepare(context: Context, lower: readonly string[]): Prepared {
  const name = prefix + randomBytes(8).toString('hex');
  const ready = makePrepared(context, name, lower).catch(async (error: unknown) => {
    context.log(`cannot prepare a sandbox: ${describeError(error)}`);
    await removeLayer(context, name);
    return undefined;
  });
  return { name, lower, ready };
}

async function makePrepared(context: Context, name: string, lower: readonly string[]): Promise<PreparedSandbox> {
  const { namespaces, prepared } = context.options;
  const namespace = await namespaces?.lend();
  try {
    const ready = await makeReadySandbox(context, {
      id: name,
      hostname: 'windowbox',
      layer: { lower, folder: join(prepared, name) },
      mounts: [],
      network:
        namespace === undefined
          ? { mode: 'none' }
          : { mode: 'namespace', path: namespace, dns: { servers: [], search: [] }, hosts: [] },
      background: true,
    });
    return { ...ready, namespace };
  } catch (error) {
    if (namespace !== undefined) await namespaces?.giveBack(namespace);
    throw error;
  }
}

/** Somebody waits now: the rest of the preparation runs with the weight of a container. */
async function hurry(context: Context, prepared: Prepared): Promise<void> {
  const none = { memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 };
  await applyLimits(await cgroupOf(context, prepared.name), none);
}

async function discard(context: Context, prepared: Prepared): Promise<void> {
  try {
    const ready = await prepared.ready;
    if (ready !== undefined) await discardPrepared(context, ready);
  } catch (error) {
    context.log(`cannot remove prepared sandbox ${prepared.name}: ${describeError(error)}`);
  }
}

/** Ends a sandbox that is of no use, with its layer and its namespace. */
export async function discardPrepared(context: Context, { record, link, namespace }: PreparedSandbox): Promise<void> {
  link.close();
  await releaseSandbox(context, record.id, record);
  await rm(record.layer.folder, { recursive: true, force: true });
  if (namespace !== undefined) await context.options.namespaces?.giveBack(namespace);
}

async function removeLayer(context: Context, name: string): Promise<void> {
  await rm(join(context.options.prepared, name), { recursive: true, force: true });
}
