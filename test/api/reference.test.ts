import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { format } from 'prettier';
import { findRepository } from '../../src/platform/index.js';
import { renderApiReference } from '../../src/server/index.js';
import { inject } from '../helpers/inject.js';
import { testDaemon } from '../helpers/test-daemon.js';

/** Every endpoint of Docker's public specification, version 1.54. Names in braces are of no account. */
const specification = `
GET /containers/json; POST /containers/create; GET /containers/{}/json; GET /containers/{}/top; GET /containers/{}/logs
GET /containers/{}/changes; GET /containers/{}/export; GET /containers/{}/stats; POST /containers/{}/resize
POST /containers/{}/start; POST /containers/{}/stop; POST /containers/{}/restart; POST /containers/{}/kill
POST /containers/{}/update; POST /containers/{}/rename; POST /containers/{}/pause; POST /containers/{}/unpause
POST /containers/{}/attach; GET /containers/{}/attach/ws; POST /containers/{}/wait; DELETE /containers/{}
HEAD /containers/{}/archive; GET /containers/{}/archive; PUT /containers/{}/archive; POST /containers/prune
GET /images/json; POST /build; POST /build/prune; POST /images/create; GET /images/{}/json; GET /images/{}/history
POST /images/{}/push; POST /images/{}/tag; DELETE /images/{}; GET /images/search; POST /images/prune; POST /commit
GET /images/{}/get; GET /images/get; POST /images/load; POST /auth; GET /info; GET /version; GET /_ping; HEAD /_ping
GET /events; GET /system/df; POST /containers/{}/exec; POST /exec/{}/start; POST /exec/{}/resize; GET /exec/{}/json
GET /volumes; POST /volumes/create; GET /volumes/{}; PUT /volumes/{}; DELETE /volumes/{}; POST /volumes/prune
GET /networks; GET /networks/{}; DELETE /networks/{}; POST /networks/create; POST /networks/{}/connect
POST /networks/{}/disconnect; POST /networks/prune; GET /plugins; GET /plugins/privileges; POST /plugins/pull
GET /plugins/{}/json; DELETE /plugins/{}; POST /plugins/{}/enable; POST /plugins/{}/disable; POST /plugins/{}/upgrade
POST /plugins/create; POST /plugins/{}/push; POST /plugins/{}/set; GET /nodes; GET /nodes/{}; DELETE /nodes/{}
POST /nodes/{}/update; GET /swarm; POST /swarm/init; POST /swarm/join; POST /swarm/leave; POST /swarm/update
GET /swarm/unlockkey; POST /swarm/unlock; GET /services; POST /services/create; GET /services/{}; DELETE /services/{}
POST /services/{}/update; GET /services/{}/logs; GET /tasks; GET /tasks/{}; GET /tasks/{}/logs; GET /secrets
POST /secrets/create; GET /secrets/{}; DELETE /secrets/{}; POST /secrets/{}/update; GET /configs; POST /configs/create
GET /configs/{}; DELETE /configs/{}; POST /configs/{}/update; GET /distribution/{}/json; POST /session`
  .split(/[;\n]/u)
  .map((endpoint) => endpoint.trim())
  .filter((endpoint) => endpoint !== '');

test('every endpoint of the public specification is in the route table', async (t) => {
  const { app } = await testDaemon(t);
  const known = new Set(
    app.routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+(?::\.\*)?\}/gu, '{}')}`),
  );
  assert.deepEqual(
    specification.filter((endpoint) => !known.has(endpoint)),
    [],
  );
});

test('docs/reference/api.md is what the route table says (WINDOWBOX_WRITE_DOCS=1 writes it anew)', async (t) => {
  const { app } = await testDaemon(t);
  const path = join(findRepository(), 'docs/reference/api.md');
  const wanted = await format(renderApiReference(app.routes), { parser: 'markdown', printWidth: 120 });
  if (process.env['WINDOWBOX_WRITE_DOCS'] === '1') await writeFile(path, wanted);
  assert.equal(await readFile(path, 'utf8'), wanted);
});

test('what the reference says of an endpoint is what the engine answers: 501 with that reason, or anything but 501', async (t) => {
  const { app, errors } = await testDaemon(t);
  const page = await readFile(join(findRepository(), 'docs/reference/api.md'), 'utf8');
  const rows = [
    ...page.matchAll(/^\| `(?<method>[A-Z]+) (?<path>\S+)` +\| (?<state>[\w ]+?) +\| (?<summary>.*?) +\|$/gmu),
  ];
  assert.ok(rows.length > 100, `the page has ${String(rows.length)} endpoints`);
  const wrong: string[] = [];
  for (const { groups: { method = '', path = '', state = '', summary = '' } = {} } of rows) {
    // A name of a registry on this machine that nobody runs: no test asks one elsewhere.
    const target = path.replaceAll(/\{\w+\}/gu, path.startsWith('/distribution/') ? '127.0.0.1:1/nosuch' : 'nosuch');
    const reply = await inject(app, method, target, { body: method === 'GET' ? undefined : lonelyLogin });
    const is501 = reply.kind === 'json' && reply.status === 501;
    const message = is501 ? String(Object(reply.value).message) : '';
    if (is501 !== (state === '501') || !summary.endsWith(message)) wrong.push(`${method} ${path}: ${message}`);
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual(errors, []);
});

const lonelyLogin = { username: 'user', password: 'secret', serveraddress: '127.0.0.1:1' };
