import { isIP } from 'node:net';
import { WindowboxError } from '../errors/index.js';
import type { ContainerSettings, PortBinding } from '../engine/index.js';
import type { PortRequest } from '../network/index.js';

/**
 * The ports that a container wants published: `-p`, and with `-P` every exposed one that `-p` does not name.
 *
 * @throws WindowboxError `invalid-argument` with Docker's text for a port that is none.
 */
export function portRequests(settings: ContainerSettings, exposed: readonly string[]): PortRequest[] {
  const asked = Object.entries(settings.portBindings).flatMap(([port, bindings]) =>
    (bindings.length === 0 ? [{ hostIp: '', hostPort: '' }] : bindings).map((binding) => requestOf(port, binding)),
  );
  const all = settings.publishAllPorts
    ? exposed
        .filter((port) => settings.portBindings[port] === undefined)
        .map((port) => requestOf(port, { hostIp: '', hostPort: '' }))
    : [];
  return [...asked, ...all];
}

function requestOf(port: string, binding: PortBinding): PortRequest {
  const [number = '', protocol = 'tcp'] = port.split('/');
  if (protocol !== 'tcp' && protocol !== 'udp')
    throw new WindowboxError(
      'invalid-argument',
      `invalid port specification: "${port}": protocol ${protocol} is not supported on Windows`,
    );
  const containerPort = parsePort(number, port);
  const [from = '', to = from] = binding.hostPort.split('-');
  const first = from === '' ? 0 : parsePort(from, binding.hostPort, 0);
  const last = to === '' ? 0 : parsePort(to, binding.hostPort, 0);
  if (last < first) throw new WindowboxError('invalid-argument', `invalid port specification: "${binding.hostPort}"`);
  if (binding.hostIp !== '' && (isIP(binding.hostIp) === 0 || binding.hostIp.includes('%')))
    throw new WindowboxError('invalid-argument', `invalid host IP ${binding.hostIp}: not an address`);
  return { protocol, containerPort, hostIp: binding.hostIp, from: first, to: last };
}

function parsePort(text: string, whole: string, least = 1): number {
  const port = Number(text);
  if (/^\d+$/u.test(text) && port >= least && port <= 65_535) return port;
  throw new WindowboxError('invalid-argument', `invalid port specification: "${whole}"`);
}
