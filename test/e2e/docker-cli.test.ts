import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePaths } from '../../src/platform/index.js';
import { type SuiteEngine, testCommands } from '../helpers/command-suite.js';
import { commandsOf, dockerClients, whyNoDocker } from '../helpers/docker-clients.js';
import { type DockerCommand, dockerCommands } from '../helpers/docker-commands.js';
import { whyNoGuest } from '../helpers/guest-sandbox.js';
import { realCommands } from '../helpers/real-commands.js';
import { realDaemon } from '../helpers/real-daemon.js';

/**
 * The official docker CLI, the real engine, real Windows programs. What is about the API alone is in test/api with a runtime in
 * memory; the groups of it that need no words of that runtime's own are given to the real one as well.
 */
const client = dockerClients()[0];
const why = client === undefined ? whyNoDocker : await whyNoGuest();
const known = (commands: Readonly<Record<string, readonly DockerCommand[]>>): typeof commands =>
  client === undefined ? commands : commandsOf(client, commands);

const shared = ['run: what a Windows engine refuses, in its words', 'networks', 'a node outside of a swarm'] as const;

testCommands({
  name: 'docker, real engine',
  client: [client?.program ?? 'docker'],
  skip: why ?? false,
  commands: {
    ...known(realCommands),
    ...Object.fromEntries(
      shared.map((name) => [name, (known(dockerCommands)[name] ?? []).filter(({ run }) => !run.includes('hyperv'))]),
    ),
  },
  start: startEngine,
  commandMs: 240_000,
});

async function startEngine(): Promise<SuiteEngine> {
  const daemon = await realDaemon();
  await daemon.cli(['ps'], { timeoutMs: 200_000 });
  const { socket } = resolvePaths(daemon.env);
  const log = join(daemon.folder, 'home/daemon.log');
  return {
    host: `unix://${socket}`,
    get errors() {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
      return lines.filter((line) => line.includes('"level":"error"'));
    },
    close: daemon.close,
  };
}
