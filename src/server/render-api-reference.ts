import { newestApiVersion, oldestApiVersion } from '../docker-api/index.js';
import type { Route } from './http/route.js';

/** docs/reference/api.md: every endpoint with its state, out of the route table. */
export function renderApiReference(routes: readonly Route[]): string {
  const shown = routes.filter(({ path }) => path !== '/networks/');
  const lines = shown.map(
    (route) => `| \`${route.method} ${plainPath(route.path)}\` | ${words[route.state]} | ${cell(route.summary)} |`,
  );
  const count = (state: Route['state']): string => String(shown.filter((route) => route.state === state).length);
  return `# The Docker Engine API

<!-- Written by \`npm run docs\` out of the route table; a test compares. -->

Versions ${oldestApiVersion} to ${newestApiVersion}, as \`/v${newestApiVersion}/…\` or without a version, which means the newest. ${count('done')} endpoints work, ${count('not-swarm')} answer as an engine
that is part of no swarm and has no plugins, ${count('refused')} answer 501 with the reason.

Each failure is \`{"message": …, "code": …}\`: Docker's words, and our error code. Where there is a way out, \`hint\` tells it.

| Endpoint | State | What it does |
| --- | --- | --- |
${lines.join('\n')}
`;
}

const words: Readonly<Record<Route['state'], string>> = { done: 'works', 'not-swarm': 'no swarm', refused: '501' };

function plainPath(path: string): string {
  return path.replaceAll(':.*}', '}');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
