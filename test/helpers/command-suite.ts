import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type DockerCommand, makeCommandFolder, problemsOf, wordsOf } from './docker-commands.js';
import { compareGolden } from './golden.js';
import { type ClientResult, runClient } from './run-client.js';

/** What the commands are given to. */
export interface SuiteEngine {
  /** For DOCKER_HOST and WINDOWBOX_HOST. */
  readonly host: string;
  /** What the engine logged as a bug of its own. */
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

export interface CommandSuite<E extends SuiteEngine> {
  /** Begins the name of each test. */
  readonly name: string;
  /** The client's program, and its first words. */
  readonly client: readonly string[];
  /** Why it cannot be run here. */
  readonly skip: string | false;
  readonly commands: Readonly<Record<string, readonly DockerCommand[]>>;
  readonly start: () => Promise<E>;
  /** The limit of one command; default 20 s. */
  readonly commandMs?: number;
}

export interface RunningSuite<E extends SuiteEngine> {
  readonly engine: () => E;
  /** The folder that the commands name as `DIR`. */
  readonly folder: () => string;
  readonly run: (words: readonly string[], input?: string, env?: NodeJS.ProcessEnv) => Promise<ClientResult>;
}

/** One test for each group of commands, one after the other in one engine, and one that the engine met no bug of its own. */
export function testCommands<E extends SuiteEngine>(suite: CommandSuite<E>): RunningSuite<E> {
  const { skip, client } = suite;
  let engine: E;
  let files: Awaited<ReturnType<typeof makeCommandFolder>>;
  before(async () => {
    if (skip !== false) return;
    engine = await suite.start();
    files = await makeCommandFolder();
  });
  after(async () => {
    if (skip !== false) return;
    await engine.close();
    await files.remove();
  });
  const run: RunningSuite<E>['run'] = async (words, input, env) =>
    runClient(client[0] ?? '', [...client.slice(1), ...words], {
      host: engine.host,
      env: { WINDOWBOX_HOST: engine.host, ...env },
      ...(input === undefined ? {} : { input }),
      ...(suite.commandMs === undefined ? {} : { timeoutMs: suite.commandMs }),
    });
  for (const [name, commands] of Object.entries(suite.commands))
    test(`${suite.name}: ${name}`, { skip, timeout: 300_000 }, async () => {
      const wrong: string[] = [];
      for (const command of commands) {
        const { golden } = command;
        const env = golden === undefined ? {} : { DOCKER_API_VERSION: '1.41' };
        const result = await run(wordsOf(command, files.folder), command.input, env);
        const differs = golden === undefined ? '' : await compareGolden(golden, result.stdout);
        wrong.push(...problemsOf(command, result), ...(differs === '' ? [] : [`${command.run}: ${differs}`]));
      }
      assert.deepEqual(wrong, []);
      assert.deepEqual(engine.errors, []);
    });
  return { engine: () => engine, folder: () => files.folder, run };
}
