import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { clientConfigFile, findLogin, forgetLogin, hubKey, keepLogin } from '../../credentials/index.js';
import { describeError, WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { type CommandDefinition, type CommandInput, defineCommand } from '../define/command.js';
import type { FlagTable } from '../define/flag.js';
import { authBody } from '../images/registry-auth.js';
import { askLine } from '../streams/ask-line.js';
import { print, printError } from '../streams/print.js';

const loginFlags = {
  password: { kind: 'string', short: 'p', help: 'Password' },
  'password-stdin': { kind: 'bool', help: 'Take the password from stdin' },
  username: { kind: 'string', short: 'u', help: 'Username' },
} as const satisfies FlagTable;

export function makeLoginCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Log in to a registry',
    usage: '[OPTIONS] [SERVER]',
    details:
      'What was told is kept where Docker keeps it, and used for pull, push and build: in the credential helper that ~/.docker/config.json names, else in that file. On a terminal it asks for what is missing.',
    examples: [
      {
        about: 'The password from a file',
        line: 'windowbox login -u me --password-stdin registry.example.com < password',
      },
    ],
    flags: loginFlags,
    takes: { atMost: 1 },
    run: async ({ args, flags, client }) => {
      const server = serverKey(args[0]);
      const told = toldBy(flags);
      // A damaged file is told before anybody types a password.
      const known = await findLogin(server);
      const isAgain = told.username === '' && told.password === '' && known !== undefined;
      if (isAgain && (await logInAgain(client(), server, known))) return 0;
      const { username, password } = await askFor(told, { server, usual: known?.username ?? '' });
      const login = { username, password, identityToken: '', registryToken: '' };
      const { Status, IdentityToken = '' } = await send(client(), authBody(server, login));
      if ((await keepLogin(server, { ...login, identityToken: IdentityToken })) === 'in file')
        printError(unencrypted());
      print(`${Status}\n`);
      return 0;
    },
  });
}

export function makeLogoutCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Log out from a registry',
    usage: '[SERVER]',
    examples: [{ about: 'Forget one', line: 'windowbox logout registry.example.com' }],
    flags: {},
    takes: { atMost: 1 },
    run: async ({ args }) => {
      const server = serverKey(args[0]);
      const wasKnown = await forgetLogin(server);
      print(wasKnown ? `Removing login credentials for ${server}\n` : `Not logged in to ${server}\n`);
      return 0;
    },
  });
}

/** As Docker keeps them: the host alone, except for Docker Hub. */
function serverKey(server = hubKey): string {
  if (server === hubKey || server === 'docker.io' || server === 'index.docker.io') return hubKey;
  return server.replace(/^https?:\/\//iu, '').replace(/\/.*$/su, '');
}

/** Texts are empty for what was not told. */
interface Told {
  readonly username: string;
  readonly password: string;
}

function toldBy(flags: CommandInput<typeof loginFlags>['flags']): Told {
  const username = (flags.text('username') ?? '').trim();
  const password = flags.text('password');
  if (password !== undefined) {
    printError('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
    if (flags.isOn('password-stdin'))
      throw new WindowboxError('invalid-argument', '--password and --password-stdin are mutually exclusive');
  }
  if (!flags.isOn('password-stdin')) return { username, password: password ?? '' };
  if (username === '') throw new WindowboxError('invalid-argument', 'Must provide --username with --password-stdin');
  return { username, password: readFileSync(0, 'utf8').replace(/\r?\n$/u, '') };
}

async function logInAgain(client: Client, server: string, known: Parameters<typeof authBody>[1]): Promise<boolean> {
  printError(`Authenticating with existing credentials... [Username: ${known.username}]\n`);
  try {
    const { Status } = await send(client, authBody(server, known));
    print(`${Status}\n`);
    return true;
  } catch (error) {
    printError(`Login did not succeed, error: ${describeError(error)}\n`);
    return false;
  }
}

async function askFor(told: Told, about: { readonly server: string; readonly usual: string }): Promise<Told> {
  if (told.username !== '' && told.password !== '') return told;
  if (!isatty(0))
    throw new WindowboxError('invalid-argument', 'Error: Cannot perform an interactive login from a non TTY device', {
      hint: 'Give the user with --username and the password with --password-stdin.',
    });
  const username = told.username === '' ? await askForUser(about) : told.username;
  if (username === '') throw new WindowboxError('invalid-argument', 'Error: Non-null Username Required');
  const password = told.password === '' ? await askLine('Password: ', { hidden: true }) : told.password;
  if (password === '') throw new WindowboxError('invalid-argument', 'Error: Password Required');
  return { username, password };
}

async function askForUser({ server, usual }: { readonly server: string; readonly usual: string }): Promise<string> {
  if (server === hubKey) print('Login with your Docker ID to push and pull images from Docker Hub.\n');
  const answer = await askLine(usual === '' ? 'Username: ' : `Username (${usual}): `);
  return answer.trim() || usual;
}

async function send(
  client: Client,
  body: Record<string, string>,
): Promise<{ readonly Status: string; readonly IdentityToken?: string }> {
  return client.json({ method: 'POST', path: '/auth', body });
}

function unencrypted(): string {
  return `WARNING! Your password will be stored unencrypted in ${clientConfigFile()}.
Configure a credential helper to remove this warning. See
https://docs.docker.com/engine/reference/commandline/login/#credentials-store

`;
}
