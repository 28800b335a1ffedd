import { tryCommand } from '../platform/index.js';
import type { PublishedPort } from './types.js';

/**
 * For as long as a UDP sender goes on, the kernel sends its packets where the first one went: past rules that came later, and to an address
 * whose container has gone. Called whenever ports have been published or taken back, so that the next packet is looked at anew.
 */
export async function forgetFlows(ports: readonly PublishedPort[]): Promise<void> {
  for (const { protocol, hostPort } of ports)
    if (protocol === 'udp')
      // Exit code 1 says that there was none.
      await tryCommand('conntrack', ['-D', '-p', 'udp', '--orig-port-dst', String(hostPort)], { timeoutMs: 10_000 });
}
