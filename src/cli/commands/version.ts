import { WindowboxError } from '../../errors/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { renderValue } from '../format/render-value.js';
import { clientVersion } from '../client-version.js';
import { print, printError } from '../streams/print.js';

/** What the daemon answers. */
interface ServerVersion {
  readonly Platform?: { readonly Name: string };
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion: string;
  readonly GitCommit: string;
  readonly Os: string;
  readonly Arch: string;
  readonly KernelVersion: string;
}

export function makeVersionCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Show the version of the client and the daemon',
    usage: '[OPTIONS]',
    details: 'Does not start the daemon. Without one the exit code is 1, and the client’s part is still shown.',
    examples: [{ about: 'The daemon’s alone', line: "windowbox version --format '{{.Server.Version}}'" }],
    flags: {
      format: { kind: 'string', short: 'f', help: "Format output using a custom template: 'json' or 'TEMPLATE'" },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const [server, problem] = await readServer(async () =>
        client({ startDaemon: false }).json<ServerVersion>({ method: 'GET', path: '/version' }),
      );
      const format = flags.text('format') ?? '';
      if (format === '') print(describe(server));
      else print(`${renderValue({ Client: ourVersion, Server: templateFields(server) }, format)}\n`);
      if (problem === undefined) return 0;
      printError(`${problem.message}\n`);
      return 1;
    },
  });
}

const ourVersion = {
  Platform: { Name: 'Windowbox' },
  Version: clientVersion,
  Os: 'linux',
  Arch: 'amd64',
  NodeVersion: process.version,
};

async function readServer(
  read: () => Promise<ServerVersion>,
): Promise<readonly [ServerVersion | undefined, WindowboxError | undefined]> {
  try {
    return [await read(), undefined];
  } catch (error) {
    if (error instanceof WindowboxError) return [undefined, error];
    throw error;
  }
}

/** Docker's templates call two of the fields otherwise than its API. */
function templateFields(server: ServerVersion | undefined): unknown {
  if (server === undefined) return null;
  const { ApiVersion, MinAPIVersion, ...rest } = server;
  return { ...rest, APIVersion: ApiVersion, MinAPIVersion };
}

function describe(server: ServerVersion | undefined): string {
  const lines = [
    'Client: Windowbox',
    row('Version', ourVersion.Version),
    row('Node version', ourVersion.NodeVersion),
    row('OS/Arch', `${ourVersion.Os}/${ourVersion.Arch}`),
  ];
  if (server !== undefined) {
    lines.push(
      '',
      `Server: ${server.Platform?.Name ?? 'Windowbox'}`,
      row('Version', server.Version),
      row('API version', `${server.ApiVersion} (minimum version ${server.MinAPIVersion})`),
      ...(server.GitCommit === '' ? [] : [row('Git commit', server.GitCommit)]),
      row('Kernel version', server.KernelVersion),
      row('OS/Arch', `${server.Os}/${server.Arch}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

function row(name: string, value: string): string {
  return ` ${`${name}:`.padEnd(16)} ${value}`;
}
