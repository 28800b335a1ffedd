import { WindowboxError } from '../errors/index.js';

/** The option of a network that opens ports of the host to its containers, at the gateway: `5432,8000-8010,514/udp`. */
export const hostPortsOption = 'windowbox.host-ports';

export interface HostPorts {
  readonly protocol: 'tcp' | 'udp';
  readonly from: number;
  readonly to: number;
}

/** Empty without the option. @throws WindowboxError `invalid-argument`. */
export function parseHostPorts(options: Readonly<Record<string, string>>): readonly HostPorts[] {
  const text = options[hostPortsOption];
  if (text === undefined) return [];
  const entries = text.split(',');
  if (entries.length > 64) throw refuse(text.slice(0, 100), 'more than 64 entries');
  return entries.map((entry) => {
    const { from = '', to = from, protocol = 'tcp' } = pattern.exec(entry.trim())?.groups ?? {};
    const ports = { from: Number(from), to: Number(to) };
    if (from === '' || (protocol !== 'tcp' && protocol !== 'udp')) throw refuse(text.slice(0, 100), 'no list of ports');
    if (ports.from < 1 || ports.to > 65_535 || ports.to < ports.from) throw refuse(entry.trim(), 'no range of ports');
    return { protocol, ...ports };
  });
}

const pattern = /^(?<from>\d{1,5})(?:-(?<to>\d{1,5}))?(?:\/(?<protocol>tcp|udp))?$/u;

function refuse(value: string, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `invalid option ${hostPortsOption}: "${value}": ${reason}`, {
    hint: 'Write ports as 5432, 8000-8010 or 514/udp, with commas between them.',
  });
}
