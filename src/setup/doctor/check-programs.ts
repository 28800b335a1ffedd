import { join } from 'node:path';
import { isErrorCode } from '../../errors/index.js';
import { probeKvm, readRuntimeParts, tryCommand } from '../../platform/index.js';
import { type CheckContext, type Finding, note, ok, problem } from './finding.js';

export async function checkRunc(): Promise<readonly Finding[]> {
  const result = await tryCommand('runc', ['--version'], { timeoutMs: 10_000 }).catch(nothingWhenMissing);
  if (result === undefined) return [];
  const version = /runc version (\S+)/u.exec(result.stdout)?.[1] ?? 'of unknown version';
  if (result.exitCode === 0) return [ok('runc', `runc ${version}`)];
  return [problem('runc', `runc does not start: ${result.stderr.trim()}`, 'apt-get install --reinstall runc')];
}

export async function checkNetworking({ isRoot }: CheckContext): Promise<readonly Finding[]> {
  if (!isRoot) return [];
  const result = await tryCommand('iptables', ['-w', '5', '-t', 'nat', '-S'], { timeoutMs: 20_000 }).catch(
    nothingWhenMissing,
  );
  if (result === undefined) return [];
  if (result.exitCode === 0) return [ok('network.iptables', 'iptables can do NAT')];
  const text = `iptables cannot do NAT: ${result.stderr.trim()}`;
  return [problem('network.iptables', text, 'modprobe iptable_nat nf_tables; in a container: use a privileged one.')];
}

export async function checkKvm({ paths, isRoot }: CheckContext): Promise<readonly Finding[]> {
  const parts = await readRuntimeParts(paths).catch(() => undefined);
  if (parts === undefined || !isRoot) return [];
  const verdict = await probeKvm({ kernel: parts.kernel, cache: join(paths.home, 'kvm.json') });
  if (verdict.usable) return [ok('kvm', 'KVM boots a guest: Hyper-V isolation runs at full speed')];
  return [
    note('kvm', `KVM is not usable: ${verdict.reason}. Hyper-V isolation uses QEMU's own, slower processor (TCG)`),
  ];
}

function nothingWhenMissing(error: unknown): undefined {
  // A missing program is told by the check of packages.
  if (isErrorCode(error, 'not-found')) return undefined;
  throw error;
}
