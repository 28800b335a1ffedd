import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { describeError, isErrno, isErrorCode, WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import type { CreateBody } from '../create/create-body.js';
import type { CreateFlags } from '../create/create-flags.js';
import type { FlagValues } from '../define/flag.js';
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
  try {
    const id = await createWith(client, { flags, body, policy });
    if (cidFile !== undefined) writeFileSync(cidFile, id);
    return id;
  } catch (error) {
    if (cidFile !== undefined) rmSync(cidFile, { force: true });
    throw error;
  }
}

interface CreateInput {
  readonly flags: FlagValues<CreateFlags>;
  readonly body: CreateBody & { readonly Image: string };
  readonly policy: 'always' | 'missing' | 'never';
}

async function createWith(client: Client, { flags, body, policy }: CreateInput): Promise<string> {
  const pull = async (): Promise<void> => {
    // Loaded when it is needed: most images are there, and a start should cost little.
    const { pullImage } = await import('../images/pull-image.js');
    await pullImage(client, {
      image: body.Image,
      platform: flags.text('platform'),
      quiet: flags.isOn('quiet'),
      to: 'stderr',
    });
  };
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
  return created.Id;
}

interface Created {
  readonly Id: string;
  readonly Warnings: readonly string[] | null;
}

function pullPolicy(flags: FlagValues<CreateFlags>): CreateInput['policy'] {
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
  try {
    closeSync(openSync(path, 'wx'));
    return path;
  } catch (cause) {
    const reason = isErrno(cause, 'ENOENT') ? `open ${path}: no such file or directory` : describeError(cause);
    throw new WindowboxError('invalid-argument', `failed to create the container ID file: ${reason}`, { cause });
  }
}
