import { WindowboxError } from '../errors/index.js';
import { runCommand } from '../platform/index.js';
import { formatSubnet, overlaps, parseSubnet, type Subnet } from './ipv4.js';

/** Pools from which a network takes its subnet when none is named: apart from Docker's own, which begin at 172.17. */
const pools: readonly string[] = [
  ...Array.from({ length: 4 }, (_, index) => `172.${String(28 + index)}.0.0/16`),
  ...Array.from({ length: 64 }, (_, index) => `10.213.${String(index)}.0/24`),
];

/** @throws WindowboxError `resource-exhausted` when every pool is taken by a network or a route of the host. */
export async function chooseSubnet(taken: readonly Subnet[]): Promise<string> {
  const routes = await hostRoutes();
  const free = pools.map(parseSubnet).find((pool) => ![...taken, ...routes].some((other) => overlaps(pool, other)));
  if (free === undefined)
    throw new WindowboxError(
      'resource-exhausted',
      'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    );
  return formatSubnet(free);
}

/** Whether the host already sends packets for this subnet elsewhere than over `bridge`. */
export async function isRouted(subnet: Subnet, bridge: string): Promise<boolean> {
  return (await hostRoutes(bridge)).some((route) => overlaps(route, subnet));
}

async function hostRoutes(except = ''): Promise<Subnet[]> {
  const { stdout } = await runCommand('ip', ['-4', '-json', 'route', 'show'], { timeoutMs: 5000 });
  const routes: unknown = JSON.parse(stdout === '' ? '[]' : stdout);
  if (!Array.isArray(routes)) return [];
  return routes
    .filter((route: unknown) => deviceOf(route) !== except)
    .map((route: unknown) => (typeof route === 'object' && route !== null && 'dst' in route ? String(route.dst) : ''))
    .filter((destination) => /^[\d.]+\/(?:[89]|[12]\d|30)$/u.test(destination))
    .map(parseSubnet);
}

function deviceOf(route: unknown): string | undefined {
  return typeof route === 'object' && route !== null && 'dev' in route ? String(route.dev) : undefined;
}
