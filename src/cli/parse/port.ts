import type { Parsed } from './parsed.js';

export interface PortBinding {
  /** `80/tcp`. */
  readonly port: string;
  readonly hostIp: string;
  /** Empty: any free port. */
  readonly hostPort: string;
}

/** Reads `-p [[IP:][HOSTPORT]:]PORT[/PROTOCOL]`, each port a range too, errors in the words of Docker's nat package. */
export function parsePublish(text: string): Parsed<readonly PortBinding[]> {
  const { protocol, rest } = splitProtocol(text);
  const match = /^(?:(?:(?<ip>\[[^\]]*\]|[^:[\]]*):)?(?<host>[^:]*):)?(?<port>[^:]*)$/u.exec(rest)?.groups;
  if (match === undefined) return { problem: `Invalid containerPort: ${rest}` };
  const { ip = '', host = '', port = '' } = match;
  if (port === '') return { problem: `No port specified: ${text}<empty>` };
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) return { problem: `Invalid proto: ${protocol}` };
  const hostIp = ip.replace(/^\[|\]$/gu, '');
  if (hostIp !== '' && !isAddress(hostIp)) return { problem: `Invalid ip address: ${ip}` };
  const inside = parseRange(port);
  if (inside === undefined) return { problem: `Invalid containerPort: ${port}` };
  if (host === '') return { value: inside.map((number) => binding(number, protocol, { hostIp, hostPort: '' })) };
  const outside = parseRange(host);
  if (outside === undefined) return { problem: `Invalid hostPort: ${host}` };
  if (outside.length !== inside.length) {
    // Docker: one port inside may be published on the first free one of a range outside.
    if (inside.length !== 1)
      return { problem: `Invalid ranges specified for container and host Ports: ${port} and ${host}` };
    return { value: [binding(inside[0] ?? 0, protocol, { hostIp, hostPort: host })] };
  }
  return {
    value: inside.map((number, index) => binding(number, protocol, { hostIp, hostPort: String(outside[index]) })),
  };
}

/** Reads `--expose 80`, `8000-8010/udp` to the API's keys, `80/tcp`. */
export function parseExpose(text: string): Parsed<readonly string[]> {
  const { protocol, rest } = splitProtocol(text);
  const ports = rest.includes(':') ? undefined : parseRange(rest);
  if (rest.includes(':')) return { problem: `invalid port format for --expose: ${text}` };
  if (ports === undefined) return { problem: `invalid range format for --expose: ${text}, error: Invalid port` };
  return { value: ports.map((port) => `${String(port)}/${protocol}`) };
}

function splitProtocol(text: string): { protocol: string; rest: string } {
  const slash = text.lastIndexOf('/');
  if (slash === -1) return { protocol: 'tcp', rest: text };
  return { protocol: text.slice(slash + 1).toLowerCase(), rest: text.slice(0, slash) };
}

function parseRange(text: string): readonly number[] | undefined {
  const match = /^(?<first>\d{1,5})(?:-(?<last>\d{1,5}))?$/u.exec(text)?.groups;
  if (match === undefined) return undefined;
  const first = Number(match['first']);
  const last = Number(match['last'] ?? match['first']);
  if (last < first || last > 65_535) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function isAddress(text: string): boolean {
  const parts = text.split('.');
  return (
    text.includes(':') || (parts.length === 4 && parts.every((part) => /^\d{1,3}$/u.test(part) && Number(part) < 256))
  );
}

function binding(port: number, protocol: string, host: { hostIp: string; hostPort: string }): PortBinding {
  return { port: `${String(port)}/${protocol}`, ...host };
}
