import { Command } from 'commander';
import { describeHost, hostIds, hostProfile, type HostProfile } from '../../rules/index.js';
import { addFormatOptions, type FormatOptions, printResult } from '../output/print-result.js';
import type { Cell } from '../output/table.js';

export function makeHostsCommand(): Command {
  const command = new Command()
    .description('List the Windows hosts that the rules know, and that the daemon can present.')
    .argument('[text]', 'only those whose id or name has this text in it')
    .addHelpText(
      'after',
      '\nExamples:\n  windowbox hosts\n  windowbox hosts server --json\n  windowbox host use windows-10-1909',
    )
    .action(list);
  return addFormatOptions(command);
}

function list(text: string | undefined, options: FormatOptions): void {
  const wanted = text?.toLowerCase() ?? '';
  const hosts = hostIds
    .map((id) => hostProfile(id))
    .filter(({ id, name }) => id.includes(wanted) || name.toLowerCase().includes(wanted));
  const today = new Date().toISOString().slice(0, 10);
  printResult(
    {
      table: {
        columns: ['HOST', 'NAME', 'BUILD', 'DEFAULT', 'RELEASED', 'SUPPORT ENDS', 'DOCKER'],
        rows: hosts.map((host) => row(host, today)),
      },
      json: hosts.map(({ release, ...host }) => ({ ...release, ...host, info: describeHost(hostProfile(host.id)) })),
    },
    options,
  );
}

function row(host: HostProfile, today: string): readonly Cell[] {
  const end = host.release?.endOfSupport ?? '';
  return [
    host.id,
    host.name,
    `${String(host.build)}${host.revision === undefined ? '' : `.${String(host.revision)}`}`,
    describeHost(host).Isolation,
    host.release?.released ?? '',
    end !== '' && end < today ? { text: end, colour: 'red' } : end,
    host.engine,
  ];
}
