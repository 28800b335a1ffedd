import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCommands } from '../helpers/command-suite.js';
import { type DockerCommand, dockerCommands } from '../helpers/docker-commands.js';
import { versionOf } from '../helpers/run-client.js';
import { startTestDaemon } from '../helpers/test-daemon.js';

/**
 * Debian's docker CLI, 20.10, is given the very commands that the newest one is given in `docker-cli.test.ts`: it speaks version 1.41,
 * and must get on with what an engine of today answers in it.
 */
const docker = '/usr/bin/docker';
const skip = /version 20\.10\./u.test(versionOf(docker))
  ? false
  : `${docker} is not the CLI 20.10 (Debian 12: docker.io)`;

/** Flags that 20.10 does not have. */
const newer = /--annotation|^volume prune -f -a$/u;

/** Of what is not found, 20.10 speaks in its own words and not in the engine's. */
const ownWords: Readonly<Record<string, RegExp>> = {
  'cp box:/nosuch -': /^Error: No such container:path: box:\/nosuch\n$/u,
  'volume inspect nosuch': /^Error: No such volume: nosuch\n$/u,
  'volume rm nosuch': /^Error: No such volume: nosuch\n$/u,
  'network inspect nosuch': /^Error: No such network: nosuch\n$/u,
};

const groups = Object.entries(dockerCommands).map(
  ([name, commands]) => [name, commands.filter(({ run }) => !newer.test(run)).map(asOld)] as const,
);
const suite = testCommands({
  name: 'docker 20.10',
  client: [docker],
  skip,
  commands: Object.fromEntries(groups),
  start: startTestDaemon,
});

test('docker 20.10 and the engine agree on version 1.41', { skip }, async () => {
  const { stdout } = await suite.run(['version', '--format', '{{.Client.APIVersion}}']);
  assert.equal(stdout, '1.41\n');
});

function asOld(command: DockerCommand): DockerCommand {
  const err = ownWords[command.run];
  return err === undefined ? command : { ...command, err };
}
