import type { Client } from '../connection/client.js';
import { showProgress } from '../streams/show-progress.js';
import { registryAuth } from './registry-auth.js';

export interface PullOptions {
  readonly image: string;
  readonly platform?: string | undefined;
  readonly quiet?: boolean;
  readonly to: 'stdout' | 'stderr';
  readonly allTags?: boolean;
}

/** Pulls an image and shows the progress. @throws WindowboxError with the daemon's text. */
export async function pullImage(client: Client, options: PullOptions): Promise<void> {
  const { name, tag } = splitReference(options.image);
  const response = await client.send({
    method: 'POST',
    path: '/images/create',
    query: { fromImage: name, tag: options.allTags === true ? undefined : tag, platform: options.platform },
    headers: await registryAuth(options.image),
  });
  const descriptor = options.to === 'stdout' ? 1 : 2;
  const { isatty } = await import('node:tty');
  await showProgress(response, { to: options.to, terminal: isatty(descriptor), quiet: options.quiet ?? false });
}

/** `name:tag` or `name@digest` apart, as the API's `fromImage` and `tag` want them; without a tag: `latest`. */
export function splitReference(reference: string): { readonly name: string; readonly tag: string } {
  const at = reference.indexOf('@');
  if (at !== -1) return { name: reference.slice(0, at), tag: reference.slice(at + 1) };
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return { name: reference, tag: 'latest' };
  return { name: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}
