import type { NetworkShape } from '../../docker-api/index.js';
import { isErrorCode } from '../../errors/index.js';
import { forEachTarget } from '../containers/for-each.js';
import { filterFlag, formatFlag } from '../define/common-flags.js';
import { type CommandDefinition, type CommandInput, defineCommand } from '../define/command.js';
import type { FlagTable } from '../define/flag.js';
import { type Columns, renderList } from '../format/list.js';
import { goDate, joinLabels, shortId } from '../format/texts.js';
import { pairsToObject } from '../parse/env-file.js';
import { filtersQuery } from '../parse/filters.js';
import { print, printError } from '../streams/print.js';

export function makeNetworkLsCommand(): CommandDefinition {
  return defineCommand({
    summary: 'List networks',
    usage: '[OPTIONS]',
    examples: [{ about: 'Names alone', line: "windowbox network ls --format '{{.Name}}'" }],
    flags: {
      filter: filterFlag,
      format: formatFlag,
      'no-trunc': { kind: 'bool', help: 'Do not truncate the output' },
      quiet: { kind: 'bool', short: 'q', help: 'Only display network IDs' },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const networks = await client().json<readonly NetworkShape[]>({
        method: 'GET',
        path: '/networks',
        query: { filters: filtersQuery(flags.all('filter')) },
      });
      const sorted = [...networks].sort((a, b) => (a.Name < b.Name ? -1 : 1));
      const columns = networkColumns(flags.isOn('no-trunc'));
      const quiet = flags.isOn('quiet') ? 'ID' : undefined;
      print(
        renderList(sorted, { columns, table: ['ID', 'Name', 'Driver', 'Scope'], format: flags.text('format'), quiet }),
      );
      return 0;
    },
  });
}

function networkColumns(whole: boolean): Columns<NetworkShape> {
  return {
    ID: { header: 'NETWORK ID', text: ({ Id }) => (whole ? Id : shortId(Id)) },
    Name: { header: 'NAME', text: ({ Name }) => Name },
    Driver: { header: 'DRIVER', text: ({ Driver }) => Driver },
    Scope: { header: 'SCOPE', text: ({ Scope }) => Scope },
    IPv6: { header: 'IPV6', text: ({ EnableIPv6 }) => String(EnableIPv6) },
    Internal: { header: 'INTERNAL', text: ({ Internal }) => String(Internal) },
    Labels: { header: 'LABELS', text: ({ Labels }) => joinLabels(Labels) },
    Label: { header: 'LABEL', method: ({ Labels }, name) => Labels?.[name] ?? '' },
    CreatedAt: { header: 'CREATED AT', text: ({ Created }) => goDate(new Date(Created)) },
  };
}

const createFlags = {
  attachable: { kind: 'bool', hidden: true, help: 'Enable manual container attachment' },
  driver: { kind: 'string', short: 'd', help: 'Driver to manage the Network', shownDefault: 'nat' },
  gateway: { kind: 'list', help: 'IPv4 or IPv6 Gateway for the master subnet' },
  internal: { kind: 'bool', help: 'Restrict external access to the network' },
  'ip-range': { kind: 'list', help: 'Allocate container ip from a sub-range' },
  ipv6: { kind: 'bool', help: 'Enable IPv6 networking' },
  label: { kind: 'list', help: 'Set metadata on a network' },
  opt: { kind: 'list', short: 'o', help: 'Set driver specific options' },
  subnet: { kind: 'list', help: 'Subnet in CIDR format that represents a network segment' },
} as const satisfies FlagTable;

export function makeNetworkCreateCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Create a network',
    usage: '[OPTIONS] NETWORK',
    examples: [{ about: 'With a subnet of its own', line: 'windowbox network create --subnet 172.30.0.0/24 back' }],
    flags: createFlags,
    takes: { exactly: 1 },
    run: async ({ args, flags, client }) => {
      const { Id, Warning } = await client().json<{ Id: string; Warning?: string }>({
        method: 'POST',
        path: '/networks/create',
        body: {
          Name: args[0],
          Driver: flags.text('driver') ?? 'nat',
          Internal: flags.isOn('internal'),
          Attachable: flags.isOn('attachable'),
          EnableIPv6: flags.isOn('ipv6'),
          Options: pairsToObject(flags.all('opt')),
          Labels: pairsToObject(flags.all('label')),
          IPAM: { Driver: 'default', Config: addressPools(flags) },
        },
      });
      if (Warning !== undefined && Warning !== '') printError(`WARNING: ${Warning}\n`);
      print(`${Id}\n`);
      return 0;
    },
  });
}

/** The first gateway and range belong to the first subnet, and so on. */
function addressPools(flags: CommandInput<typeof createFlags>['flags']): readonly Record<string, string>[] {
  const [gateways, ranges] = [flags.all('gateway'), flags.all('ip-range')];
  return flags.all('subnet').map((Subnet, index) => {
    const [Gateway, IPRange] = [gateways[index], ranges[index]];
    return {
      Subnet,
      ...(Gateway === undefined ? {} : { Gateway }),
      ...(IPRange === undefined ? {} : { IPRange }),
    };
  });
}

export function makeNetworkRmCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove one or more networks',
    usage: 'NETWORK [NETWORK...]',
    examples: [{ about: 'Remove one', line: 'windowbox network rm back' }],
    flags: { force: { kind: 'bool', short: 'f', help: 'Do not error if the network does not exist' } },
    takes: { atLeast: 1 },
    run: async ({ args, flags, client }) =>
      forEachTarget(args, async (name) => {
        try {
          await client().json({ method: 'DELETE', path: `/networks/${encodeURIComponent(name)}` });
        } catch (error) {
          if (!flags.isOn('force') || !isErrorCode(error, 'not-found')) throw error;
          return undefined;
        }
        return name;
      }),
  });
}

export function makeNetworkConnectCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Connect a container to a network',
    usage: '[OPTIONS] NETWORK CONTAINER',
    examples: [{ about: 'Also known there as "db"', line: 'windowbox network connect --alias db back postgres' }],
    flags: {
      alias: { kind: 'list', help: 'Add network-scoped alias for the container' },
      'driver-opt': { kind: 'list', help: 'driver options for the network' },
      ip: { kind: 'string', help: 'IPv4 address (e.g., "172.30.100.104")' },
      ip6: { kind: 'string', help: 'IPv6 address (e.g., "2001:db8::33")' },
      link: { kind: 'list', help: 'Add link to another container' },
    },
    takes: { exactly: 2 },
    run: async ({ args, flags, client }) => {
      const [network = '', container] = args;
      const addresses = { IPv4Address: flags.text('ip'), IPv6Address: flags.text('ip6') };
      await client().json({
        method: 'POST',
        path: `/networks/${encodeURIComponent(network)}/connect`,
        body: {
          Container: container,
          EndpointConfig: {
            IPAMConfig: addresses,
            Aliases: flags.all('alias'),
            Links: flags.all('link'),
            DriverOpts: pairsToObject(flags.all('driver-opt')),
          },
        },
      });
      return 0;
    },
  });
}

export function makeNetworkDisconnectCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Disconnect a container from a network',
    usage: '[OPTIONS] NETWORK CONTAINER',
    examples: [{ about: 'Take it out', line: 'windowbox network disconnect back postgres' }],
    flags: { force: { kind: 'bool', short: 'f', help: 'Force the container to disconnect from a network' } },
    takes: { exactly: 2 },
    run: async ({ args, flags, client }) => {
      const [network = '', container] = args;
      await client().json({
        method: 'POST',
        path: `/networks/${encodeURIComponent(network)}/disconnect`,
        body: { Container: container, Force: flags.isOn('force') },
      });
      return 0;
    },
  });
}
