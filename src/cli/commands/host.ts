import { Command } from 'commander';
import { describeHost, hostProfile, type HostProfile, type HostSetting } from '../../rules/index.js';
import { addFormatOptions, type FormatOptions, printResult } from '../output/print-result.js';
import { configurationPath } from '../../platform/index.js';
import { readConfiguredHost, writeConfiguredHost } from '../rules/daemon-config.js';

interface UseOptions {
  readonly engine?: string;
  readonly edition?: string;
  readonly revision?: number;
}

export function makeHostCommand(): Command {
  const command = new Command()
    .description('Show the Windows that the daemon presents; "windowbox host use HOST" chooses another.')
    .addHelpText('after', examples)
    .action(show);
  command
    .command('use')
    .description('Choose the Windows that the daemon presents, from its next start on.')
    .argument('<host>', 'windows-10-1909, "Windows Server 2019", 17763, or any to lift the build rules')
    .option('--engine <version>', 'Docker Engine to act as, for example 18.09.1')
    .option('--edition <edition>', 'Standard, Datacenter, Pro, Enterprise, IoT Enterprise')
    .option('--revision <number>', 'fourth number of the version', Number)
    .exitOverride()
    .addHelpText('after', useExamples)
    .action(use);
  return addFormatOptions(command);
}

async function show(options: FormatOptions): Promise<void> {
  print(await readConfiguredHost(), options);
}

async function use(words: string, options: UseOptions): Promise<void> {
  const host = hostProfile(words, options);
  const setting: HostSetting = { profile: host.id, ...options };
  await writeConfiguredHost(setting);
  print(host, {});
  process.stdout.write(`\nWritten to ${configurationPath()}; a running daemon reads it at its next start.\n`);
}

function print(host: HostProfile, options: FormatOptions): void {
  const info = describeHost(host);
  const { release: _release, ...profile } = host;
  printResult(
    {
      table: {
        columns: ['PROPERTY', 'VALUE'],
        rows: [
          ['host', host.id],
          ['name', host.name],
          ['edition', host.edition],
          ['Docker Engine', host.engine],
          ['default isolation', info.Isolation],
          ['OS version', `${info.OSVersion}${host.revision === undefined ? '' : `.${String(host.revision)}`}`],
          ['operating system', info.OperatingSystem],
          ['kernel version', info.KernelVersion],
        ],
      },
      json: { ...profile, info },
    },
    options,
  );
}

const examples = `
Examples:
  windowbox host
  windowbox host use windows-10-1909 --engine 18.09.1 --edition pro
  windowbox host use any
  docker run --annotation windowbox.host=windows-server-2022 IMAGE`;

const useExamples = `
Examples:
  windowbox host use windows-10-1909 --engine 18.09.1 --edition pro
  windowbox host use "Windows Server 2022" --revision 2402
  windowbox host use any`;
