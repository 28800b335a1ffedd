import { runCommand, tryCommand } from '../platform/index.js';
import { type Family, familyOf, firewallRules, type FirewallState } from './firewall-rules.js';

/**
 * Rules of our own chains for all networks and published ports at once, loaded in one atomic call for each of IPv4 and IPv6. Nothing of
 * anybody else is touched but one jump at the head of each built-in chain. Loading again puts right whatever has been changed in our chains.
 */
interface Jump {
  readonly table: 'nat' | 'filter';
  readonly from: string;
  readonly to: string;
  readonly match: readonly string[];
}

function jumpsOf(chain: string): readonly Jump[] {
  const toUs = ['-m', 'addrtype', '--dst-type', 'LOCAL'];
  return [
    { table: 'nat', from: 'PREROUTING', to: `${chain}-DNAT`, match: toUs },
    { table: 'nat', from: 'OUTPUT', to: `${chain}-DNAT`, match: toUs },
    { table: 'nat', from: 'POSTROUTING', to: `${chain}-SNAT`, match: [] },
    { table: 'filter', from: 'FORWARD', to: `${chain}-FORWARD`, match: [] },
    { table: 'filter', from: 'INPUT', to: `${chain}-INPUT`, match: [] },
  ];
}

const timeoutMs = 15_000;

const programs: Readonly<Record<Family, string>> = { 4: 'iptables', 6: 'ip6tables' };

/** Loads the rules. Cheap enough to do at each change: one process, and one more while a network has IPv6. */
export async function loadFirewall(state: FirewallState): Promise<void> {
  for (const family of familiesOf(state.networks))
    await runCommand(`${programs[family]}-restore`, ['--noflush', '--wait', '10'], {
      input: firewallRules(state, family),
      timeoutMs,
    });
}

/** IPv6 is left alone until a network has it: a kernel may be without. */
export function familiesOf(networks: FirewallState['networks']): readonly Family[] {
  return networks.some((network) => familyOf(network, 6) !== undefined) ? [4, 6] : [4];
}

/** Our chains are jumped to from the built-in ones. Done when the first network comes up; others (a firewall that is reloaded) may take them away. */
export async function ensureJumps(chain: string, family: Family): Promise<void> {
  for (const { table, from, to, match } of jumpsOf(chain)) {
    const rule = [from, ...match, '-j', to];
    const known = await call(family, ['-t', table, '-C', ...rule]);
    if (!known) await runCommand(programs[family], ['--wait', '10', '-t', table, '-I', ...rule], { timeoutMs });
  }
}

/** Takes everything of ours out again, of an earlier daemon too. Idempotent. */
export async function removeFirewall(chain: string, families: readonly Family[] = [4, 6]): Promise<void> {
  for (const family of families) if (await hasFirewall(chain, family)) await removeFamily(chain, family);
}

async function hasFirewall(chain: string, family: Family): Promise<boolean> {
  return call(family, ['-t', 'nat', '-S', `${chain}-DNAT`]);
}

async function removeFamily(chain: string, family: Family): Promise<void> {
  for (const { table, from, to, match } of jumpsOf(chain))
    await call(family, ['-t', table, '-D', from, ...match, '-j', to]);
  for (const { table, to } of jumpsOf(chain)) {
    await call(family, ['-t', table, '-F', to]);
    await call(family, ['-t', table, '-X', to]);
  }
}

async function call(family: Family, args: readonly string[]): Promise<boolean> {
  return (await tryCommand(programs[family], ['--wait', '10', ...args], { timeoutMs })).exitCode === 0;
}
