import { describeError, WindowboxError } from '../errors/index.js';
import { printable } from './control-link.js';
import type { QmpClient } from './qmp-client.js';

const consoleBytes = 16_384;

/** The last lines of the VM's console, without what could disturb a terminal or a log. A kernel that fails says much after its reason. */
export async function readConsole(qmp: QmpClient): Promise<readonly string[]> {
  const answer = await qmp.execute('ringbuf-read', { device: 'console', size: consoleBytes }).catch(() => '');
  const text = typeof answer === 'string' ? answer : '';
  return text
    .split('\n')
    .map((line) => printable(line).trim())
    .filter((line) => line !== '');
}

/** The guest's kernel says so when it ends a program for its memory. */
export function saysOutOfMemory(lines: readonly string[]): boolean {
  return lines.some((line) => line.includes('Out of memory'));
}

/** An error with what the VM said last. */
export async function describeConsole(qmp: QmpClient, cause: unknown): Promise<WindowboxError> {
  const said = (await readConsole(qmp)).slice(-3).join('; ');
  const reason = `${describeError(cause)}${said && `: ${said}`}`;
  return new WindowboxError('unavailable', `Cannot start the VM: ${reason}`, { cause });
}
