import { WindowboxError } from '../../errors/index.js';
import type { FlagValues } from '../define/flag.js';
import { splitCsv } from '../parse/csv.js';
import type { CreateFlags } from './create-flags.js';

/** One `--network`: a name, or `name=NET,alias=A,ip=ADDRESS,driver-opt=K=V`. */
export interface NetworkRequest {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly ip?: string;
  readonly ip6?: string;
  readonly macAddress?: string;
  readonly driverOptions: Readonly<Record<string, string>>;
}

/** `HostConfig.NetworkMode`: the first network's name. */
export function networkMode(flags: FlagValues<CreateFlags>): string {
  return requestedNetworks(flags)[0]?.name ?? 'default';
}

/** The API's `NetworkingConfig`. */
export function networking(flags: FlagValues<CreateFlags>): Record<string, unknown> {
  const [first, ...others] = requestedNetworks(flags);
  const ip = flags.text('ip') ?? first?.ip;
  const ip6 = flags.text('ip6') ?? first?.ip6;
  const mac = flags.text('mac-address') ?? first?.macAddress;
  const main: NetworkRequest = {
    name: first?.name ?? 'default',
    aliases: [...(first?.aliases ?? []), ...flags.all('network-alias')],
    ...(ip === undefined ? {} : { ip }),
    ...(ip6 === undefined ? {} : { ip6 }),
    ...(mac === undefined ? {} : { macAddress: mac }),
    driverOptions: first?.driverOptions ?? {},
  };
  const endpoints = [main, ...others].map((network) => [network.name, endpoint(network)] as const);
  return {
    EndpointsConfig: Object.fromEntries(
      endpoints.filter(([name, settings]) => name !== 'default' || Object.keys(settings).length > 0),
    ),
  };
}

function requestedNetworks(flags: FlagValues<CreateFlags>): readonly NetworkRequest[] {
  return [...flags.all('network'), ...flags.all('net')].map(readNetwork);
}

function readNetwork(text: string): NetworkRequest {
  if (!text.includes('=')) return { name: text, aliases: [], driverOptions: {} };
  const fields = new Map<string, string>();
  const aliases: string[] = [];
  const driverOptions: Record<string, string> = {};
  for (const field of splitCsv(text)) {
    const [key = '', ...rest] = field.split('=');
    const value = rest.join('=').trim();
    if (rest.length === 0) throw invalid(`invalid field ${field}`);
    if (key === 'alias') aliases.push(value);
    else if (key === 'driver-opt') driverOptions[value.split('=')[0] ?? ''] = value.split('=').slice(1).join('=');
    else if (['name', 'ip', 'ip6', 'mac-address'].includes(key)) fields.set(key, value);
    else throw invalid(`invalid field key ${key}`);
  }
  const name = fields.get('name');
  if (name === undefined || name === '') throw invalid('network name/id is not specified');
  const [ip, ip6, macAddress] = [fields.get('ip'), fields.get('ip6'), fields.get('mac-address')];
  return {
    name,
    aliases,
    driverOptions,
    ...(ip === undefined ? {} : { ip }),
    ...(ip6 === undefined ? {} : { ip6 }),
    ...(macAddress === undefined ? {} : { macAddress }),
  };
}

function endpoint({ aliases, ip, ip6, macAddress, driverOptions }: NetworkRequest): Record<string, unknown> {
  const addresses = {
    ...(ip === undefined ? {} : { IPv4Address: ip }),
    ...(ip6 === undefined ? {} : { IPv6Address: ip6 }),
  };
  return {
    ...(Object.keys(addresses).length === 0 ? {} : { IPAMConfig: addresses }),
    ...(aliases.length === 0 ? {} : { Aliases: aliases }),
    ...(macAddress === undefined ? {} : { MacAddress: macAddress }),
    ...(Object.keys(driverOptions).length === 0 ? {} : { DriverOpts: driverOptions }),
  };
}

function invalid(message: string): WindowboxError {
  return new WindowboxError('invalid-argument', message);
}
