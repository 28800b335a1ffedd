import { join } from 'node:path';
import { programs } from './guest-sandbox.js';
import { type DockerCommand, dockerCommands } from './docker-commands.js';
import { versionOf } from './run-client.js';

/** An official docker CLI of this machine. */
export interface DockerClient {
  readonly program: string;
  /** `28.2` */
  readonly version: string;
}

export const whyNoDocker = 'there is no docker CLI here (npm test fetches that of Debian)';

/** One of each version, newest first: that of the path, Debian's, and the one that `scripts/fetch-programs.mjs` puts where neither is. */
export function dockerClients(): readonly DockerClient[] {
  const found = new Map<string, DockerClient>();
  for (const program of ['docker', '/usr/bin/docker', join(programs, 'docker/usr/bin/docker')]) {
    const version = /version (\d+\.\d+)/u.exec(versionOf(program))?.[1];
    if (version !== undefined && !found.has(version)) found.set(version, { program, version });
  }
  return [...found.values()].toSorted((one, other) => Number(other.version) - Number(one.version));
}

export function isOld({ version }: DockerClient): boolean {
  return Number(version) < 23;
}

type Commands = Readonly<Record<string, readonly DockerCommand[]>>;

/** The commands that this client knows, with what it prints. */
export function commandsOf(client: DockerClient, commands: Commands = dockerCommands): Commands {
  if (!isOld(client)) return commands;
  return Object.fromEntries(
    Object.entries(commands).map(([name, list]) => [name, list.filter(({ run }) => !newer.test(run)).map(asOld)]),
  );
}

/** Flags that 20.10 does not have. */
const newer = /--annotation|volume-subpath|^volume prune -f -a$/u;

/** Of what is not found, 20.10 speaks in its own words and not in the engine's. */
const ownWords: Readonly<Record<string, RegExp>> = {
  'cp box:/nosuch -': /^Error: No such container:path: box:\/nosuch\n$/u,
  'volume inspect nosuch': /^Error: No such volume: nosuch\n$/u,
  'volume rm nosuch': /^Error: No such volume: nosuch\n$/u,
  'network inspect nosuch': /^Error: No such network: nosuch\n$/u,
};

function asOld(command: DockerCommand): DockerCommand {
  const err = ownWords[command.run];
  return err === undefined ? command : { ...command, err };
}
