import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findRepository, resolvePaths } from '../../src/platform/index.js';
import { programs, whyNoGuest } from '../helpers/guest-sandbox.js';
import { realDaemon } from '../helpers/real-daemon.js';
import { runClient } from '../helpers/run-client.js';

/**
 * testcontainers as users have it, through DOCKER_HOST alone. It is no development dependency: it brings a hundred packages, so that
 * `scripts/fetch-programs.mjs` gets it beside the Windows programs.
 */
const modules = join(programs, 'testcontainers/node_modules');
const why =
  (await whyNoGuest()) ?? (existsSync(modules) ? undefined : `no testcontainers in ${programs}: fetch-programs.mjs`);

test(
  'testcontainers starts Windows programs and waits for a line, for HTTP, for the end and for health; copies, execs, networks and clean-up work',
  { skip: why ?? false, timeout: 300_000 },
  async () => {
    const daemon = await realDaemon();
    try {
      await daemon.cli(['ps'], { timeoutMs: 200_000 });
      const script = join(findRepository(), 'test/fixtures/testcontainers/use.cjs');
      const { code, stdout, stderr } = await runClient(process.execPath, [script, programs], {
        host: `unix://${resolvePaths(daemon.env).socket}`,
        // Its cleaner is a Linux image, as on every Windows engine.
        env: { NODE_PATH: modules, TESTCONTAINERS_RYUK_DISABLED: 'true' },
        timeoutMs: 200_000,
      });
      assert.equal(code, 0, stderr);
      const results = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly step: string; readonly result: string });
      assert.deepEqual(Object.fromEntries(results.map(({ step, result }) => [step, result])), {
        'log wait': 'hello /log',
        'copies and exec': 'copied beforecopied after hi 3',
        restart: 'hello /again',
        'http wait': 'hello /http',
        'neighbour by alias': 'found',
        'one shot': 'ended',
        'failing start': 'Log stream ended and message "never printed" was not received',
        'health check': 'healthy',
      });
      // In a container it asks the network `bridge` where the host is.
      const alias = await daemon.cli(['network', 'inspect', '--format', '{{.Name}}', 'bridge']);
      assert.equal(alias.stdout, 'nat\n');
      assert.equal((await daemon.cli(['network', 'ls', '--format', '{{.Name}}'])).stdout, 'nat\nnone\n');
    } finally {
      await daemon.close();
    }
  },
);
