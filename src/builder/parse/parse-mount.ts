import { WindowboxError } from '../../errors/index.js';
import { parseError } from './parse-dockerfile.js';
import { joinWorkdir } from './windows-path.js';

/** What `RUN --mount=…` asks for. Targets are absolute Windows paths: `C:\dir`, or a drive, `D:\`. */
export type RunMount =
  | {
      readonly type: 'bind';
      readonly target: string;
      readonly source: string;
      /** Stage or image; undefined: the context. */
      readonly from: string | undefined;
      /** What is written is thrown away after the step. */
      readonly writable: boolean;
    }
  | {
      readonly type: 'cache';
      readonly id: string;
      readonly target: string;
      readonly source: string;
      /** Where a new cache takes its first content from; undefined: it begins empty. */
      readonly from: string | undefined;
      readonly sharing: CacheSharing;
      readonly readOnly: boolean;
    }
  | {
      readonly type: 'secret';
      readonly id: string;
      /** undefined: it is in the environment alone. */
      readonly target: string | undefined;
      readonly env: string | undefined;
      readonly required: boolean;
    };

export type CacheSharing = 'shared' | 'private' | 'locked';

export interface MountContext {
  /** Of the instruction, for errors. */
  readonly line: number;
  readonly workdir: string;
  readonly expand: (word: string) => string;
}

/**
 * Reads one `--mount` by BuildKit's grammar: comma-separated `key=value`, a field with a comma in quotes.
 *
 * @throws WindowboxError `invalid-argument`, or `unsupported` for what Windows lacks; both name the line.
 */
export function parseMount(text: string, context: MountContext): RunMount {
  const fields = readFields(text, context);
  const type = fields.get('type') ?? 'bind';
  const allowed = keysOf[type];
  if (allowed === undefined) throw refusedType(type, context);
  for (const key of fields.keys())
    if (key !== 'type' && !allowed.includes(key))
      throw parseError(context.line, `unexpected key '${key}' for mount type '${type}'`);
  if (type === 'secret') return secretMount(fields, context);
  if (fields.get('target') === undefined) throw parseError(context.line, `invalid mount: target is required`);
  return type === 'cache' ? cacheMount(fields, context) : bindMount(fields, context);
}

const keysOf: Readonly<Record<string, readonly string[] | undefined>> = {
  bind: ['target', 'source', 'from', 'readwrite', 'readonly'],
  cache: ['id', 'target', 'source', 'from', 'sharing', 'readonly', 'readwrite', 'mode', 'uid', 'gid'],
  secret: ['id', 'target', 'required', 'env', 'mode', 'uid', 'gid'],
};
const sameAs: Readonly<Record<string, string>> = {
  dst: 'target',
  destination: 'target',
  src: 'source',
  ro: 'readonly',
  rw: 'readwrite',
};
const withoutValue = new Set(['readonly', 'readwrite', 'required']);

type Fields = ReadonlyMap<string, string>;

function readFields(text: string, { line, expand }: MountContext): Fields {
  const fields = new Map<string, string>();
  for (const field of splitFields(text)) {
    const [, written = '', value] = /^([^=]*)(?:=([^]*))?$/u.exec(field) ?? [];
    const key = sameAs[written.trim().toLowerCase()] ?? written.trim().toLowerCase();
    if (value === undefined && !withoutValue.has(key))
      throw parseError(line, `invalid field '${field}' must be a key=value pair`);
    if (key === 'from' && value?.includes('$') === true)
      throw parseError(line, `'from' doesn't support variable expansion, define alias stage instead`);
    fields.set(key, value === undefined ? 'true' : expand(value));
  }
  return fields;
}

function splitFields(text: string): string[] {
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/gu)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain,
  );
}

function bindMount(fields: Fields, context: MountContext): RunMount {
  return {
    type: 'bind',
    target: targetOf(fields.get('target') ?? '', context),
    source: fields.get('source') ?? '',
    from: emptyIsNone(fields.get('from')),
    writable: readFlag(fields, 'readwrite', context) ?? readFlag(fields, 'readonly', context) === false,
  };
}

function cacheMount(fields: Fields, context: MountContext): RunMount {
  const target = targetOf(fields.get('target') ?? '', context);
  const sharing = sharings.find((one) => one === (fields.get('sharing') ?? 'shared').toLowerCase());
  if (sharing === undefined)
    throw parseError(context.line, `invalid value for sharing: "${fields.get('sharing') ?? ''}"`);
  const [from, source] = [emptyIsNone(fields.get('from')), fields.get('source') ?? ''];
  if (from === undefined && source !== '')
    throw parseError(context.line, `invalid mount: the source of a cache is a folder of its 'from', which is missing`);
  return {
    type: 'cache',
    id: emptyIsNone(fields.get('id')) ?? target.toLowerCase(),
    target,
    source,
    from,
    sharing,
    readOnly: readFlag(fields, 'readonly', context) ?? readFlag(fields, 'readwrite', context) === false,
  };
}

const sharings: readonly CacheSharing[] = ['shared', 'private', 'locked'];

function secretMount(fields: Fields, context: MountContext): RunMount {
  const [env, target] = [emptyIsNone(fields.get('env')), emptyIsNone(fields.get('target'))];
  const id = emptyIsNone(fields.get('id')) ?? target?.replace(/^.*[\\/]/u, '');
  if (id === undefined) throw parseError(context.line, 'invalid mount: a secret needs an id or a target');
  if (env !== undefined && !/^[^=\0]+$/u.test(env)) throw parseError(context.line, `invalid value for env: "${env}"`);
  const place = target ?? (env === undefined ? `/run/secrets/${id}` : undefined);
  return {
    type: 'secret',
    id,
    env,
    target: place === undefined ? undefined : targetOf(place, context),
    required: readFlag(fields, 'required', context) ?? false,
  };
}

function targetOf(text: string, { line, workdir }: MountContext): string {
  const target = joinWorkdir(workdir, text);
  if (target === 'C:\\') throw parseError(line, `invalid mount target "${text}": it cannot be C:\\`);
  if (!target.startsWith('C:') && target.length > 3)
    throw parseError(line, `invalid mount target "${text}": on another drive than C: only the drive itself can be one`);
  return target;
}

function readFlag(fields: Fields, key: string, { line }: MountContext): boolean | undefined {
  const value = fields.get(key);
  if (value === undefined) return undefined;
  if (/^(?:1|t|true)$/iu.test(value)) return true;
  if (/^(?:0|f|false)$/iu.test(value)) return false;
  throw parseError(line, `invalid value for ${key}: ${value}`);
}

function refusedType(type: string, { line }: MountContext): WindowboxError {
  const refused = notOnWindows[type];
  if (refused === undefined) return parseError(line, `unsupported mount type "${type}"`);
  return new WindowboxError('unsupported', parseError(line, `mount type "${type}": ${refused.reason}`).message, {
    hint: refused.hint,
  });
}

const notOnWindows: Readonly<Record<string, { readonly reason: string; readonly hint: string } | undefined>> = {
  tmpfs: {
    reason: 'Windows has no file system in memory',
    hint: 'Use a cache mount with sharing=private, or delete the files in the same RUN.',
  },
  ssh: {
    reason: 'a build of this engine reaches no ssh agent',
    hint: 'Give a key as a secret: --mount=type=secret, and "windowbox build --secret".',
  },
};

function emptyIsNone(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
