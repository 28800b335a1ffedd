import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { isErrorCode, WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import type { CreateBody } from '../create/create-body.js';
import type { CreateFlags } from '../create/create-flags.js';
import type { FlagValues } from '../define/flag.js';
import { pullImage } from '../images/pull-image.js';
import { printError } from '../streams/print.js';

/**
 * Creates a container, pulling its image first where `--pull` says so or it is missing. Warnings go to standard error.
 *
 * @returns The full id.
 */
export async function createContainer(
  client: Client,
  flags: FlagValues<CreateFlags>,
  body: CreateBody & { readonly Image: string },
): Promise<string> {
  const policy = pullPolicy(flags);
  const cidFile = reserveCidFile(flags.text('cidfile'));
  const pull = async (): Promise<void> =>
    pullImage(client, {
      image: body.Image,
      platform: flags.text('platform'),
      quiet: flags.isOn('quiet'),
      to: 'stderr',
    });
  if (policy === 'always') await pull();
  const create = async (): Promise<Created> =>
    client.json<Created>({
      method: 'POST',
      path: '/containers/create',
      query: { name: flags.text('name'), platform: flags.text('platform') },
      body,
    });
  const created = await create().catch(async (error: unknown) => {
    if (policy !== 'missing' || !isErrorCode(error, 'not-found') || !error.message.includes('No such image'))
      throw error;
    if (!flags.isOn('quiet')) printError(`Unable to find image '${body.Image}' locally\n`);
    await pull();
    return create();
  });
  for (const warning of created.Warnings ?? []) printError(`WARNING: ${warning}\n`);
  if (cidFile !== undefined) writeFileSync(cidFile, created.Id);
  return created.Id;
}

interface Created {
  readonly Id: string;
  readonly Warnings: readonly string[] | null;
}

function pullPolicy(flags: FlagValues<CreateFlags>): 'always' | 'missing' | 'never' {
  const policy = flags.text('pull') ?? 'missing';
  if (policy === 'always' || policy === 'missing' || policy === 'never') return policy;
  throw new WindowboxError(
    'invalid-argument',
    `invalid pull option: '${policy}': must be one of "always", "missing" or "never"`,
  );
}

/** Takes the file before the container is made: a file that is there belongs to another container. */
function reserveCidFile(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  if (existsSync(path))
    throw new WindowboxError(
      'already-exists',
      `container ID file found, make sure the other container isn't running or delete ${path}`,
    );
  closeSync(openSync(path, 'wx'));
  return path;
}
