import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { atomicWrite } from '../../platform/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { dockerConfigFile, hubAddress } from '../images/registry-auth.js';
import { print, printError } from '../streams/print.js';

export function makeLoginCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Log in to a registry',
    usage: '[OPTIONS] [SERVER]',
    details: 'What was told is kept where Docker keeps it, ~/.docker/config.json, and used for pull, push and build.',
    examples: [
      {
        about: 'The password from a file',
        line: 'windowbox login -u me --password-stdin registry.example.com < password',
      },
    ],
    flags: {
      password: { kind: 'string', short: 'p', help: 'Password' },
      'password-stdin': { kind: 'bool', help: 'Take the password from stdin' },
      username: { kind: 'string', short: 'u', help: 'Username' },
    },
    takes: { atMost: 1 },
    run: async ({ args, flags, client }) => {
      const server = serverKey(args[0]);
      const username = flags.text('username');
      if (flags.isOn('password-stdin') && flags.text('password') !== undefined)
        throw new WindowboxError('invalid-argument', '--password and --password-stdin are mutually exclusive');
      if (username === undefined)
        throw new WindowboxError('invalid-argument', 'Must provide --username with --password-stdin');
      if (flags.text('password') !== undefined)
        printError('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
      const password = flags.isOn('password-stdin')
        ? readFileSync(0, 'utf8').replace(/\r?\n$/u, '')
        : flags.text('password');
      if (password === undefined)
        throw new WindowboxError('invalid-argument', 'Cannot perform an interactive login', {
          hint: 'Give the password with --password-stdin.',
        });
      const { Status, IdentityToken = '' } = await client().json<{ Status: string; IdentityToken?: string }>({
        method: 'POST',
        path: '/auth',
        body: { username, password, serveraddress: server },
      });
      await changeAuths((auths) => ({ ...auths, [server]: entryOf(username, password, IdentityToken) }));
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
      let known = false;
      await changeAuths((auths) => {
        known = server in auths;
        return Object.fromEntries(Object.entries(auths).filter(([name]) => name !== server));
      });
      print(known ? `Removing login credentials for ${server}\n` : `Not logged in to ${server}\n`);
      return 0;
    },
  });
}

/** As Docker keeps them: the host alone, except for Docker Hub. */
function serverKey(server = hubAddress): string {
  return server === hubAddress ? server : server.replace(/^https?:\/\//iu, '').replace(/\/.*$/su, '');
}

/** A token that the registry gave stands for the password, which then is not kept. */
function entryOf(username: string, password: string, identityToken: string): Readonly<Record<string, string>> {
  const encode = (secret: string): string => Buffer.from(`${username}:${secret}`).toString('base64');
  return identityToken === '' ? { auth: encode(password) } : { auth: encode(''), identitytoken: identityToken };
}

type Auths = Readonly<Record<string, unknown>>;

async function changeAuths(change: (auths: Auths) => Auths): Promise<void> {
  const path = dockerConfigFile();
  const config = readConfig(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await atomicWrite(path, `${JSON.stringify({ ...config, auths: change(config.auths ?? {}) }, undefined, '\t')}\n`);
}

function readConfig(path: string): { readonly auths?: Auths } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // None yet: a new one is written.
    return {};
  }
  const config: { readonly auths?: Auths } = JSON.parse(text);
  return config;
}
