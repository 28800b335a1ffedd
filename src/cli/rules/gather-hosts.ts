import { type HostProfile, hostIds, hostProfile, type ProfileOptions, readHostDocument } from '../../rules/index.js';
import { readConfiguredHost } from './daemon-config.js';
import { isInput, readInput } from './read-input.js';

export interface HostOptions {
  readonly host?: readonly string[];
  readonly allHosts?: true;
  readonly engine?: string;
  readonly edition?: string;
}

/** The hosts that a command line names: `--host` (names, files, `-`), `--all-hosts`, else the one that the daemon presents. */
export async function gatherHosts(options: HostOptions): Promise<readonly HostProfile[]> {
  const profile = profileOptions(options);
  if (options.allHosts === true)
    return hostIds
      .filter((id) => id !== 'any')
      .map((id) => hostProfile(id, { ...profile, ...editionFor(id, options) }));
  if (options.host === undefined) return [await configuredHost(profile)];
  const hosts: HostProfile[] = [];
  for (const word of options.host) {
    if (isInput(word)) hosts.push(...readHostDocument(await readInput(word), profile));
    else hosts.push(hostProfile(word, profile));
  }
  return hosts;
}

async function configuredHost(options: ProfileOptions): Promise<HostProfile> {
  const configured = await readConfiguredHost();
  if (Object.keys(options).length === 0) return configured;
  return hostProfile(configured.id, {
    engine: configured.engine,
    edition: configured.edition,
    ...(configured.revision === undefined ? {} : { revision: configured.revision }),
    ...options,
  });
}

function profileOptions({ engine, edition }: HostOptions): ProfileOptions {
  return { ...(engine === undefined ? {} : { engine }), ...(edition === undefined ? {} : { edition }) };
}

/** With every host, an edition is for the kind that has it. */
function editionFor(id: string, { edition }: HostOptions): { edition?: string } {
  if (edition === undefined) return {};
  const isServerEdition = /^(?:standard|datacenter)$/iu.test(edition);
  const isServer = id.startsWith('windows-server');
  return { edition: isServerEdition === isServer ? edition : isServer ? 'Datacenter' : 'Pro' };
}
