import { containerOwner, runCommand } from '../../platform/index.js';

/** Copies a file or a folder's content; the containers' user owns the copy. */
export async function copyTree(from: string, to: string): Promise<void> {
  const owner = `${String(containerOwner.uid)}:${String(containerOwner.gid)}`;
  await runCommand('cp', ['-a', '--reflink=auto', '-T', '--', from, to], { timeoutMs: 3_600_000 });
  await runCommand('chown', ['-R', '-h', '--', owner, to], { timeoutMs: 600_000 });
  await runCommand('chmod', ['-R', 'u+rwX', '--', to], { timeoutMs: 600_000 });
}
