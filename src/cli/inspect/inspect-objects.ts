import { isErrorCode, WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { renderValue } from '../format/render-value.js';
import { print, printError } from '../streams/print.js';

export interface ObjectKind {
  /** As Docker's messages call it: `No such container: x`. */
  readonly noun: string;
  readonly path: (name: string) => string;
}

export const kinds = {
  container: { noun: 'container', path: (name) => `/containers/${encodeURIComponent(name)}/json` },
  image: { noun: 'image', path: (name) => `/images/${name.split('/').map(encodeURIComponent).join('/')}/json` },
  network: { noun: 'network', path: (name) => `/networks/${encodeURIComponent(name)}` },
  volume: { noun: 'volume', path: (name) => `/volumes/${encodeURIComponent(name)}` },
} as const satisfies Record<string, ObjectKind>;

export interface InspectOptions {
  /** Tried in this order; the first that knows the name wins. */
  readonly kinds: readonly ObjectKind[];
  readonly format: string | undefined;
  readonly size?: boolean;
}

/**
 * Prints objects as Docker's inspect does: one JSON list, or a line each through a template. Names that nobody knows are told
 * on standard error after the others were printed; then the result is 1.
 */
export async function inspectObjects(
  client: Client,
  names: readonly string[],
  options: InspectOptions,
): Promise<number> {
  const found: unknown[] = [];
  const problems: string[] = [];
  for (const name of names) {
    try {
      found.push(await inspectOne(client, name, options));
    } catch (error) {
      if (!(error instanceof WindowboxError)) throw error;
      problems.push(error.message);
    }
  }
  const { format } = options;
  if (format === undefined || format === '') print(`${JSON.stringify(found, undefined, 4)}\n`);
  else for (const object of found) print(`${renderValue(object, format)}\n`);
  if (problems.length > 0) printError(problems.map((problem) => `${problem}\n`).join(''));
  return problems.length === 0 ? 0 : 1;
}

async function inspectOne(client: Client, name: string, options: InspectOptions): Promise<unknown> {
  for (const kind of options.kinds) {
    try {
      const query = { size: options.size === true ? 1 : undefined };
      return await client.json({ method: 'GET', path: kind.path(name), query });
    } catch (error) {
      const mayBeAnother = isErrorCode(error, 'not-found') && options.kinds.length > 1;
      if (!mayBeAnother) throw error;
    }
  }
  throw new WindowboxError('not-found', `Error: No such object: ${name}`);
}
