import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { isErrorCode } from '../errors/index.js';
import { tryCommand } from './run-command.js';

/** File in a home folder that its daemon keeps open from start to end. */
export const networkDatabase = 'network.db';

/**
 * What the firewall chains of a home's daemon begin with, and what its bridges are marked with. The usual home has the plain name; another
 * one (a test, a second engine) a name of its own.
 */
export function networkOwner(home: string): string {
  if (home === '/var/lib/windowbox') return 'WINDOWBOX';
  return `WB-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;
}

/** The mark: a bridge's alias. */
export function bridgeMark(owner: string): string {
  return `windowbox:${owner}`;
}

/** Bridges and firewall rules without a daemon, and without a container that may have outlived it. */
export interface GoneOwner {
  readonly owner: string;
  readonly bridges: readonly string[];
  readonly hasRules: boolean;
}

/** Owners that are gone, whichever home they had. For root: others cannot see what processes hold. */
export async function findGoneOwners(): Promise<readonly GoneOwner[]> {
  const bridges = await markedBridges();
  const ruled = await ownersOfRules();
  const owners = new Set([...bridges.map(({ owner }) => owner), ...ruled]);
  const inhabited = await bridgesWithMembers();
  for (const { name, owner } of bridges) if (inhabited.has(name)) owners.delete(owner);
  // Read last: whoever has started meanwhile is alive.
  for (const home of livingHomes()) owners.delete(networkOwner(home));
  return [...owners].map((owner) => ({
    owner,
    bridges: bridges.filter((bridge) => bridge.owner === owner).map(({ name }) => name),
    hasRules: ruled.has(owner),
  }));
}

const ownerPattern = /^(?:WINDOWBOX|WB-[0-9a-f]{8})$/u;

async function markedBridges(): Promise<{ readonly name: string; readonly owner: string }[]> {
  return (await linksOf('bridge')).flatMap((link) => {
    const mark = String(link.get('ifalias'));
    const owner = mark.slice(bridgeMark('').length);
    return ownerPattern.test(owner) && bridgeMark(owner) === mark ? [{ name: String(link.get('ifname')), owner }] : [];
  });
}

async function bridgesWithMembers(): Promise<ReadonlySet<string>> {
  return new Set((await linksOf('bridge_slave')).map((link) => String(link.get('master'))));
}

/** Asked of `ip`, since /sys shows the links of whoever mounted it. */
async function linksOf(type: string): Promise<readonly ReadonlyMap<string, unknown>[]> {
  const { stdout } = await tryCommand('ip', ['-json', 'link', 'show', 'type', type], { timeoutMs });
  const links: unknown = JSON.parse(stdout.trim() === '' ? '[]' : stdout);
  if (!Array.isArray(links)) return [];
  return links.map((link: unknown) => new Map(Object.entries(typeof link === 'object' && link !== null ? link : {})));
}

async function ownersOfRules(): Promise<ReadonlySet<string>> {
  const owners = new Set<string>();
  for (const program of ['iptables-save', 'ip6tables-save']) {
    const saved = await tryCommand(program, ['-t', 'nat'], { timeoutMs }).catch(ignoreMissing);
    for (const [, owner = ''] of saved?.stdout.matchAll(/^:(\S+)-DNAT /gmu) ?? [])
      if (ownerPattern.test(owner)) owners.add(owner);
  }
  return owners;
}

const timeoutMs = 15_000;

function ignoreMissing(error: unknown): undefined {
  if (!isErrorCode(error, 'not-found')) throw error;
}

/** Home folders whose database some process holds. */
function livingHomes(): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/u.test(name));
  return processes.flatMap(openFiles).flatMap((path) => {
    const end = `/${networkDatabase}`;
    return path.endsWith(end) ? [path.slice(0, -end.length)] : [];
  });
}

/** Nothing of a process that has ended meanwhile. */
function openFiles(pid: string): readonly string[] {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).flatMap((name) => readLink(`${folder}/${name}`));
  } catch {
    return [];
  }
}

function readLink(path: string): readonly string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
