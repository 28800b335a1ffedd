import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { atomicWrite } from './atomic-write.js';
import { tryCommand } from './run-command.js';

export type KvmVerdict = { readonly usable: true } | { readonly usable: false; readonly reason: string };

export interface KvmProbe {
  /** Folder with `vmlinuz`: `RuntimeParts.kernel`. */
  readonly kernel: string;
  /** File that keeps the answer. It is asked again when this machine's kernel, QEMU or the guest's kernel is another. */
  readonly cache: string;
}

/**
 * Whether KVM really runs a guest. `/dev/kvm` can be there, answer its version and make a VM, and still fail at the guest's first unusual
 * instruction (nested virtualization that is only half there). So a guest kernel is booted, once, until it looks for its disk: 0.3 s where KVM
 * works, at most 10 s where it does not.
 */
export async function probeKvm(probe: KvmProbe): Promise<KvmVerdict> {
  if (!existsSync('/dev/kvm')) return { usable: false, reason: 'this machine has no /dev/kvm' };
  const qemu = await tryCommand('qemu-system-x86_64', ['--version'], { timeoutMs: 10_000 }).catch(() => undefined);
  if (qemu === undefined) return { usable: false, reason: 'QEMU is not installed' };
  const key = [release(), qemu.stdout.split('\n')[0] ?? '', basename(probe.kernel)].join('; ');
  const known = await readCache(probe.cache, key);
  if (known !== undefined) return known;
  const verdict = await bootOnce(join(probe.kernel, 'vmlinuz'));
  await mkdir(dirname(probe.cache), { recursive: true });
  await atomicWrite(probe.cache, `${JSON.stringify({ key, verdict })}\n`, 0o644);
  return verdict;
}

async function bootOnce(kernel: string): Promise<KvmVerdict> {
  const machine = ['-machine', 'microvm', '-accel', 'kvm', '-cpu', 'host', '-m', '256', '-smp', '1'];
  const devices = ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio'];
  const guest = ['-kernel', kernel, '-append', 'console=ttyS0 panic=-1'];
  const seen = new AbortController();
  let output = '';
  const result = await tryCommand('qemu-system-x86_64', [...machine, ...devices, ...guest], {
    timeoutMs: 10_000,
    signal: seen.signal,
    onOutput: (chunk) => {
      output += chunk;
      if (booted.test(output) || failed.test(output)) seen.abort();
    },
  }).catch(() => undefined);
  if (booted.test(output)) return { usable: true };
  const said = (failed.exec(output)?.[0] ?? result?.stderr.trim().split('\n').at(-1) ?? '').trim();
  return { usable: false, reason: `a guest does not boot with it (${said === '' ? 'no output in 10 s' : said})` };
}

/** The kernel has come to the end of its own start. */
const booted = /Unable to mount root fs|Cannot open root device/u;
const failed = /KVM internal error[^\n]*|emulation failure|failed to set MSR[^\n]*|Could not access KVM[^\n]*/u;

async function readCache(file: string, key: string): Promise<KvmVerdict | undefined> {
  try {
    const cached: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isCached(cached) && cached.key === key ? cached.verdict : undefined;
  } catch {
    // Missing or damaged: ask again.
    return undefined;
  }
}

function isCached(value: unknown): value is { readonly key: string; readonly verdict: KvmVerdict } {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('verdict' in value)) return false;
  const { verdict } = value;
  if (typeof verdict !== 'object' || verdict === null || !('usable' in verdict)) return false;
  return verdict.usable === true || ('reason' in verdict && typeof verdict.reason === 'string');
}
