import { describeError } from '../../errors/index.js';
import type { Paths } from '../../platform/index.js';
import { checkCgroups, checkNamespaces, checkOverlay, checkSeccomp } from './check-kernel.js';
import { checkNetworkLeftovers } from './check-leftovers.js';
import { checkKvm, checkNetworking, checkRunc } from './check-programs.js';
import { checkRuntime, checkWine } from './check-runtime.js';
import { checkDisk, checkDistribution, checkMemory, checkNode, checkPackages, checkRoot } from './check-system.js';
import { type Check, type Finding, problem } from './finding.js';

export type { Finding } from './finding.js';

/** Checks everything that Windowbox needs of this machine, in the order in which one would mend it. Changes nothing. */
export async function examine(paths: Paths): Promise<readonly Finding[]> {
  const context = { paths, isRoot: process.getuid?.() === 0 };
  const findings: Finding[] = [];
  for (const [name, check] of checks) {
    try {
      findings.push(...(await check(context)));
    } catch (error) {
      findings.push(problem(name, `the check itself failed: ${describeError(error)}`, 'Please report this.'));
    }
  }
  return findings;
}

const checks: readonly (readonly [string, Check])[] = [
  ['system', checkDistribution],
  ['root', checkRoot],
  ['node', checkNode],
  ['packages', checkPackages],
  ['disk', checkDisk],
  ['memory', checkMemory],
  ['kernel.overlayfs', checkOverlay],
  ['kernel.namespaces', checkNamespaces],
  ['kernel.seccomp', checkSeccomp],
  ['kernel.cgroups', checkCgroups],
  ['runc', checkRunc],
  ['network', checkNetworking],
  ['network.leftovers', checkNetworkLeftovers],
  ['runtime', checkRuntime],
  ['wine', checkWine],
  ['kvm', checkKvm],
];
