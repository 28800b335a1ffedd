import { clientVersion } from '../client-version.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { renderValue } from '../format/render-value.js';
import { formatBinarySize } from '../format/sizes.js';
import { print, printError } from '../streams/print.js';

/** What of `GET /info` is shown without `--format`. */
interface Info {
  readonly ID: string;
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly ContainersPaused: number;
  readonly ContainersStopped: number;
  readonly Images: number;
  readonly Driver: string;
  readonly LoggingDriver: string;
  readonly Plugins: Readonly<Record<string, readonly string[] | null>>;
  readonly Isolation: string;
  readonly KernelVersion: string;
  readonly OperatingSystem: string;
  readonly OSVersion: string;
  readonly OSType: string;
  readonly Architecture: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly Name: string;
  readonly DockerRootDir: string;
  readonly Debug: boolean;
  readonly RegistryConfig: {
    readonly InsecureRegistryCIDRs: readonly string[] | null;
    readonly IndexConfigs: Readonly<Record<string, { readonly Secure: boolean }>>;
    readonly Mirrors: readonly string[] | null;
  };
  readonly ServerVersion: string;
  readonly Labels: readonly string[] | null;
  readonly Warnings: readonly string[] | null;
}

export function makeInfoCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Display system-wide information',
    usage: '[OPTIONS]',
    examples: [{ about: 'The default isolation', line: "windowbox info --format '{{.Isolation}}'" }],
    flags: {
      format: { kind: 'string', short: 'f', help: "Format output using a custom template: 'json' or 'TEMPLATE'" },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const info = await client().json<Info>({ method: 'GET', path: '/info' });
      const format = flags.text('format') ?? '';
      print(format === '' ? describe(info) : `${renderValue(info, format)}\n`);
      if (format === '') for (const warning of info.Warnings ?? []) printError(`WARNING: ${warning}\n`);
      return 0;
    },
  });
}

function describe(info: Info): string {
  const plugins = ['Volume', 'Network', 'Log'].map((name) => `  ${name}: ${(info.Plugins[name] ?? []).join(' ')}`);
  return `${[
    'Client: Windowbox',
    ` Version:    ${clientVersion}`,
    '',
    'Server:',
    ` Containers: ${String(info.Containers)}`,
    `  Running: ${String(info.ContainersRunning)}`,
    `  Paused: ${String(info.ContainersPaused)}`,
    `  Stopped: ${String(info.ContainersStopped)}`,
    ` Images: ${String(info.Images)}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Storage Driver: ${info.Driver}`,
    ` Logging Driver: ${info.LoggingDriver}`,
    ' Plugins:',
    ...plugins,
    ` Default Isolation: ${info.Isolation}`,
    ` Kernel Version: ${info.KernelVersion}`,
    ` Operating System: ${info.OperatingSystem}`,
    ` OS Version: ${info.OSVersion}`,
    ` OSType: ${info.OSType}`,
    ` Architecture: ${info.Architecture}`,
    ` CPUs: ${String(info.NCPU)}`,
    ` Total Memory: ${formatBinarySize(info.MemTotal)}`,
    ` Name: ${info.Name}`,
    ` ID: ${info.ID}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ` Debug Mode: ${String(info.Debug)}`,
    ...section('Labels', info.Labels ?? []),
    ...section('Insecure Registries', insecureRegistries(info)),
    ...section('Registry Mirrors', info.RegistryConfig.Mirrors ?? []),
  ].join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [` ${title}:`, ...lines.map((line) => `  ${line}`)];
}

function insecureRegistries({ RegistryConfig }: Info): readonly string[] {
  const named = Object.entries(RegistryConfig.IndexConfigs).filter(([, { Secure }]) => !Secure);
  return [...named.map(([name]) => name), ...(RegistryConfig.InsecureRegistryCIDRs ?? [])];
}
