import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type DockerCommand,
  dockerCommands,
  makeCommandFolder,
  problemsOf,
  wordsOf,
} from '../helpers/docker-commands.js';
import { runClient, versionOf } from '../helpers/run-client.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

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

let daemon: TestDaemon;
let files: Awaited<ReturnType<typeof makeCommandFolder>>;
before(async () => {
  daemon = await startTestDaemon();
  files = await makeCommandFolder();
});
after(async () => {
  await daemon.close();
  await files.remove();
});

test('docker 20.10 and the engine agree on version 1.41', { skip }, async () => {
  const { stdout } = await runClient(docker, ['version', '--format', '{{.Client.APIVersion}}'], { host: daemon.host });
  assert.equal(stdout, '1.41\n');
});

for (const [name, commands] of Object.entries(dockerCommands))
  test(`docker 20.10: ${name}`, { skip, timeout: 180_000 }, async () => {
    const wrong: string[] = [];
    for (const command of commands.filter(({ run }) => !newer.test(run)).map(asOld)) {
      const result = await runClient(docker, wordsOf(command, files.folder), {
        host: daemon.host,
        ...(command.input === undefined ? {} : { input: command.input }),
      });
      wrong.push(...problemsOf(command, result));
    }
    assert.deepEqual(wrong, []);
  });

test('docker 20.10: no command met a bug', { skip }, () => {
  assert.deepEqual(daemon.errors, []);
});

function asOld(command: DockerCommand): DockerCommand {
  const err = ownWords[command.run];
  return err === undefined ? command : { ...command, err };
}
