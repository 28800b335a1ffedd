import type { HistoryEntry, ImageConfig, ImageProcessConfig } from '../oci/index.js';

export interface RebasedConfigOptions {
  readonly image: ImageConfig;
  /** What the image was built on. */
  readonly from: ImageConfig;
  /** What it is to stand on. */
  readonly onto: ImageConfig;
  /** Of the image's own steps. */
  readonly history: readonly HistoryEntry[];
  /** Digests of the image's own layers. */
  readonly diffs: readonly string[];
}

/** The config of an image on another base: what came from the old base comes from the new one, what the image set itself stays. */
export function rebasedConfig({ image, from, onto, history, diffs }: RebasedConfigOptions): ImageConfig {
  const { 'os.features': _features, ...config } = image;
  return {
    ...config,
    ...(onto['os.version'] === undefined ? {} : { 'os.version': onto['os.version'] }),
    ...(onto['os.features'] === undefined ? {} : { 'os.features': onto['os.features'] }),
    config: mergeProcess({ own: image.config ?? {}, old: from.config ?? {}, base: onto.config ?? {} }, history),
    rootfs: { ...config.rootfs, diff_ids: [...onto.rootfs.diff_ids, ...diffs] },
    history: [...(onto.history ?? []), ...history],
  };
}

interface Merge {
  readonly own: ImageProcessConfig;
  readonly old: ImageProcessConfig;
  readonly base: ImageProcessConfig;
}

function mergeProcess(merge: Merge, history: readonly HistoryEntry[]): ImageProcessConfig {
  const { own, old, base } = merge;
  const isSet = (name: Setting): boolean => {
    const instruction = new RegExp(String.raw`(?:^|#\(nop\)\s+)${settings[name]}\s`, 'u');
    return history.some(({ created_by: by }) => instruction.test(by ?? ''));
  };
  const isInherited = (name: Setting): boolean => isSame(own[name] ?? old[name], old[name]) && !isSet(name);
  const merged: Record<string, unknown> = { ...own };
  for (const name of settingNames) {
    // A command belongs to its entry point: an image that has its own one had the command of its base taken away.
    if (!isInherited(name) || (name === 'Cmd' && (own.Entrypoint ?? []).length > 0 && !isInherited('Entrypoint')))
      continue;
    if (base[name] === undefined || base[name] === null) delete merged[name];
    else merged[name] = base[name];
  }
  return {
    ...merged,
    ...present('Env', mergeEnv(merge)),
    ...present('Labels', mergeMap(own.Labels, old.Labels, base.Labels)),
    ...present('ExposedPorts', mergeMap(own.ExposedPorts, old.ExposedPorts, base.ExposedPorts)),
    ...present('Volumes', mergeMap(own.Volumes, old.Volumes, base.Volumes)),
  };
}

/** What the image added or changed, over what the new base has. */
function mergeMap<T>(own: Maybe<T>, old: Maybe<T>, base: Maybe<T>): Record<string, T> | undefined {
  const changed = Object.entries(own ?? {}).filter(([key, value]) => !isSame(old?.[key], value));
  return (own ?? base) ? { ...base, ...Object.fromEntries(changed) } : undefined;
}

/** As {@link mergeMap}; Windows takes `Path` and `PATH` for one. */
function mergeEnv({ own, old, base }: Merge): readonly string[] | undefined {
  const known = new Set(old.Env);
  const changed = (own.Env ?? []).filter((entry) => !known.has(entry));
  const names = new Set(changed.map(variableName));
  const kept = (base.Env ?? []).filter((entry) => !names.has(variableName(entry)));
  return (own.Env ?? base.Env) ? [...kept, ...changed] : undefined;
}

function variableName(entry: string): string {
  return entry.replace(/=.*$/su, '').toUpperCase();
}

function present(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

type Maybe<T> = Readonly<Record<string, T>> | null | undefined;
type Setting = keyof typeof settings;
/** Each with the instruction that sets it. */
const settings = {
  User: 'USER',
  Entrypoint: 'ENTRYPOINT',
  Cmd: 'CMD',
  WorkingDir: 'WORKDIR',
  Shell: 'SHELL',
  StopSignal: 'STOPSIGNAL',
  Healthcheck: 'HEALTHCHECK',
} as const;
const settingNames = ['User', 'Entrypoint', 'Cmd', 'WorkingDir', 'Shell', 'StopSignal', 'Healthcheck'] as const;
