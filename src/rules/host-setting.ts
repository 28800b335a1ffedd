import { WindowboxError } from '../errors/index.js';
import { defaultHostId, hostProfile, type ProfileOptions } from './host-profile.js';
import { asRecord, textAt } from './json-shapes.js';
import type { HostProfile } from './model.js';

/** Key `host` of the daemon's configuration: which Windows it presents. */
export interface HostSetting {
  /** As {@link hostProfile} takes it. */
  readonly profile: string;
  /** Docker Engine version to act as. */
  readonly engine?: string;
  readonly edition?: string;
  readonly revision?: number;
}

/** Annotations by which one container gets another host than the daemon's. */
export const hostAnnotations = {
  profile: 'windowbox.host',
  engine: 'windowbox.engine',
  edition: 'windowbox.edition',
} as const;

/**
 * The host that a configuration names: its key `host`, `"windows-10-1909"` or `{"profile": "windows-10-1909", "engine": "18.09.1", "edition": "pro"}`;
 * Windows Server 2025 when there is none.
 *
 * @throws WindowboxError as {@link hostProfile}; `invalid-argument` for another shape.
 */
export function hostOfConfiguration(configuration: unknown): HostProfile {
  const value = asRecord(configuration)?.['host'];
  if (value === undefined) return hostProfile(defaultHostId);
  if (typeof value === 'string') return hostProfile(value);
  const setting = asRecord(value);
  const profile = textAt(setting, 'profile');
  const revision = setting?.['revision'];
  if (setting === undefined || profile === undefined || (revision !== undefined && typeof revision !== 'number'))
    throw new WindowboxError(
      'invalid-argument',
      'Cannot use configuration key "host": neither a name nor {"profile": NAME, …}',
      {
        hint: 'Set it with "windowbox host use windows-10-1909".',
      },
    );
  return hostProfile(profile, { ...optionsIn(setting), ...(revision === undefined ? {} : { revision }) });
}

/**
 * The host of one container: its annotations over the daemon's host.
 *
 * @throws WindowboxError as {@link hostProfile}.
 */
export function hostOfAnnotations(daemonHost: HostProfile, annotations: Readonly<Record<string, string>>): HostProfile {
  const { profile, engine, edition } = hostAnnotations;
  const named = {
    ...(annotations[engine] === undefined ? {} : { engine: annotations[engine] }),
    ...(annotations[edition] === undefined ? {} : { edition: annotations[edition] }),
  };
  const id = annotations[profile];
  if (id !== undefined) return hostProfile(id, named);
  if (Object.keys(named).length === 0) return daemonHost;
  const { edition: daemonEdition, engine: daemonEngine, revision } = daemonHost;
  const kept = { edition: daemonEdition, engine: daemonEngine, ...(revision === undefined ? {} : { revision }) };
  return hostProfile(daemonHost.id, { ...kept, ...named });
}

function optionsIn(setting: Readonly<Record<string, unknown>>): ProfileOptions {
  const [engine, edition] = [textAt(setting, 'engine'), textAt(setting, 'edition')];
  return { ...(engine === undefined ? {} : { engine }), ...(edition === undefined ? {} : { edition }) };
}
