import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { buildApp } from '../http/app.js';
import { listenOnSocket } from '../http/listen.js';
import { createMetrics } from '../http/metrics.js';
import { createNodeServer } from '../http/node-server.js';
import { type ConnectionLimits, connectionLimits } from '../http/limits.js';
import type { Route } from '../http/route.js';

/** A server on a unix socket of its own, until the test ends. */
export async function serve(
  t: TestContext,
  routes: readonly Route[],
  limits: Partial<ConnectionLimits> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-server-'));
  const metrics = createMetrics();
  const app = buildApp({ routes, headers: { Ostype: 'windows' }, metrics, log: () => undefined });
  const server = createNodeServer({
    app,
    metrics,
    log: () => undefined,
    limits: { ...connectionLimits, ...limits },
  });
  const path = join(folder, 'api.sock');
  await listenOnSocket(server, path);
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return path;
}
