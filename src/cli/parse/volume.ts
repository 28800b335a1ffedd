import { resolve } from 'node:path';
import type { Parsed } from './parsed.js';

/** What `-v` asks for: a folder or named volume at a Windows path (`bind`), or a new volume without a name. */
export type VolumeRequest =
  { readonly kind: 'bind'; readonly bind: string } | { readonly kind: 'anonymous'; readonly target: string };

/**
 * Reads `-v`: `/srv/data:C:\data:ro`, `./data:C:\data`, `name:C:\data`, `C:\data`, `name:D:\`. The source is a Linux path or a
 * volume's name, since the host is Linux; the target a Windows path.
 */
export function parseVolume(text: string): Parsed<VolumeRequest> {
  const match = volume.exec(text)?.groups;
  if (match === undefined) return { problem: `invalid volume specification: '${text}'` };
  const { source, target = '', mode } = match;
  if (source === undefined) {
    if (mode !== undefined) return { problem: `invalid volume specification: '${text}'` };
    return { value: { kind: 'anonymous', target } };
  }
  if (mode !== undefined && !/^(?:ro|rw)$/iu.test(mode)) return { problem: `invalid mode: ${mode}` };
  const from = source.startsWith('.') ? resolve(source) : source;
  return { value: { kind: 'bind', bind: [from, target, ...(mode === undefined ? [] : [mode])].join(':') } };
}

const volume =
  /^(?:(?<source>\.{0,2}\/[^:]*|\.{1,2}|[a-z0-9][a-z0-9_.-]+):)?(?<target>[a-z]:(?:[\\/][^:*?"<>|]*)?|\\\\\.\\pipe\\[^:]+)(?::(?<mode>[^:]*))?$/iu;
