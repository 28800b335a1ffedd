import { join } from 'node:path';
import type { Paths } from '../../platform/index.js';

export function logPathOf(context: { readonly paths: Paths }, id: string): string {
  return join(context.paths.containers, id, 'container.log');
}
