import { readFileSync } from 'node:fs';
import { parseImageConfig } from '../oci/index.js';
import type { StoreContext } from './store-context.js';

/** An image's labels, at once: its events tell them in the order in which things happened. None of an image that is gone. */
export function labelsOf({ configs, content }: StoreContext, id: string): Readonly<Record<string, string>> {
  try {
    const config = configs.get(id) ?? parseImageConfig(readFileSync(content.path(id), 'utf8'), id);
    return config.config?.Labels ?? {};
  } catch {
    return {};
  }
}
