import { setTimeout as sleep } from 'node:timers/promises';
import { WindowboxError } from '../errors/index.js';
import type { QmpClient } from './qmp-client.js';

const limitMs = 30_000;
/** The memory is in the file that both map: only the devices' state goes through the stream. */
const onlyDevices = { capabilities: [{ capability: 'x-ignore-shared', state: true }] };

/** Brings a VM that waits for a saved state (its descriptor 3) to where the template was, and lets it run. */
export async function restoreVm(qmp: QmpClient): Promise<void> {
  await qmp.execute('migrate-set-capabilities', onlyDevices);
  await qmp.execute('migrate-incoming', { uri: 'fd:3' });
  await until(qmp, 'query-status', (status) => status !== 'inmigrate');
  await qmp.execute('cont');
}

/** Stops a VM and writes its devices' state to the unix socket `uri` names. The VM can only be ended afterwards. */
export async function saveVm(qmp: QmpClient, uri: string): Promise<void> {
  await qmp.execute('stop');
  await qmp.execute('migrate-set-capabilities', onlyDevices);
  await qmp.execute('migrate', { uri });
  const status = await until(qmp, 'query-migrate', (text) => text === 'completed' || text === 'failed');
  if (status === 'failed') throw new WindowboxError('internal', 'Cannot save the VM: QEMU could not write its state');
}

async function until(qmp: QmpClient, command: string, done: (status: string) => boolean): Promise<string> {
  for (const limit = Date.now() + limitMs; Date.now() < limit; await sleep(2)) {
    const answer = await qmp.execute(command);
    const status = typeof answer === 'object' && answer !== null && 'status' in answer ? String(answer.status) : '';
    if (status !== '' && done(status)) return status;
  }
  throw new WindowboxError('timeout', `Cannot run the VM: "${command}" does not come to an end`);
}
