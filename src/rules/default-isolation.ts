import { WindowboxError } from '../errors/index.js';
import { invalidExecOptIsolation, processRefusedOnClient, unknownExecOpt } from './docker-texts.js';
import { parseEngineVersion } from './engine-version.js';
import { defaultIsolationOf } from './host-profile.js';
import type { HostProfile, IsolationMode } from './model.js';

export interface ResolvedIsolation {
  /** What `inspect` shows: Docker rewrites `default` at create. */
  readonly isolation: IsolationMode;
  readonly chosenBy: 'request' | 'exec-opts' | 'host' | 'auto';
}

/**
 * The daemon's default isolation, with its `exec-opts` checked as Docker does when it starts.
 *
 * @throws WindowboxError `invalid-argument` with Docker's words.
 */
export function defaultIsolation(host: HostProfile, execOpts: readonly string[] = []): ResolvedIsolation {
  let chosen: ResolvedIsolation = { isolation: defaultIsolationOf(host), chosenBy: 'host' };
  for (const option of execOpts) {
    const [key = '', value = ''] = option.split(/=(?<value>.*)/su);
    if (key.toLowerCase() !== 'isolation') throw new WindowboxError('invalid-argument', unknownExecOpt(option));
    const isolation = value.toLowerCase();
    if (isolation === 'default' || isolation === '') continue;
    if (isolation !== 'process' && isolation !== 'hyperv')
      throw new WindowboxError('invalid-argument', invalidExecOptIsolation(parseEngineVersion(host.engine), value));
    const refusal = isolation === 'process' ? clientRefusal(host) : undefined;
    if (refusal !== undefined) throw refusal;
    chosen = { isolation, chosenBy: 'exec-opts' };
  }
  return chosen;
}

/** Docker's refusal of process isolation on this client, or undefined. */
export function clientRefusal(host: HostProfile): WindowboxError | undefined {
  if (host.kind === 'server' || host.liftsBuildRules) return undefined;
  const text = processRefusedOnClient(parseEngineVersion(host.engine), host.build);
  if (text === undefined) return undefined;
  return new WindowboxError('invalid-argument', text, {
    hint: `${host.name} with Docker Engine ${host.engine} has Hyper-V isolation only: leave --isolation out, or use --isolation=hyperv.`,
  });
}
