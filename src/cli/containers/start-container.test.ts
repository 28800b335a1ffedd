import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tryCommand } from '../../platform/index.js';
import { type FakeDaemon, startFakeDaemon } from '../testing/fake-daemon.js';

const main = join(dirname(fileURLToPath(import.meta.url)), '../main.js');

/** A daemon whose start takes this long and that gives a reason. */
async function daemonThatTakes(milliseconds: number): Promise<FakeDaemon> {
  return startFakeDaemon({
    'POST /containers/box/start': {
      respond: (_request, response) => {
        void sleep(milliseconds).then(() => response.writeHead(204).end());
      },
    },
    'GET /events': {
      respond: (_request, response) => {
        const event = {
          Type: 'container',
          Action: 'delay',
          Actor: { ID: 'box', Attributes: { reason: 'Baking: hot' } },
        };
        response.writeHead(200).write(`${JSON.stringify(event)}\n`);
      },
    },
  });
}

async function startOnTerminal(daemon: FakeDaemon): Promise<string> {
  const command = `stty cols 100 rows 30; ${process.execPath} ${main} start box`;
  const options = { timeoutMs: 20_000, input: '', env: { ...process.env, WINDOWBOX_HOST: daemon.host } };
  return (await tryCommand('script', ['-qec', command, '/dev/null'], options)).stdout;
}

test('a terminal is told why a start takes long, in a line that vanishes', async () => {
  const daemon = await daemonThatTakes(2500);
  try {
    const shown = await startOnTerminal(daemon);
    const clear = '\r\u001B[K';
    assert.ok(shown.includes(`${clear}[1 s] Baking: hot${clear}[2 s] Baking: hot`), shown);
    assert.ok(shown.endsWith(`${clear}box\r\n`), 'nothing of it is left');
    const [, watched] = daemon.requests;
    assert.equal(watched?.query.get('filters'), '{"type":["container"],"container":["box"],"event":["delay"]}');
  } finally {
    await daemon.close();
  }
});

test('a start that is quick, or that no terminal sees, watches no events', async () => {
  const [quick, slow] = [await daemonThatTakes(1), await daemonThatTakes(1500)];
  try {
    assert.equal(await startOnTerminal(quick), 'box\r\n');
    const { stdout, stderr } = await slow.cli(['start', 'box']);
    assert.deepEqual([stdout, stderr], ['box\n', '']);
    for (const { requests } of [quick, slow])
      assert.deepEqual(
        requests.map(({ route }) => route),
        ['POST /containers/box/start'],
      );
  } finally {
    await quick.close();
    await slow.close();
  }
});
