import type { PortSummary } from '../../docker-api/index.js';

/**
 * The PORTS column: `0.0.0.0:8080->80/tcp, 443/tcp`; neighbouring ports with equal numbers on both sides, or unpublished ones,
 * become a range.
 */
export function displayPorts(ports: readonly PortSummary[]): string {
  const sorted = [...ports].sort(
    (a, b) => a.PrivatePort - b.PrivatePort || (a.IP ?? '').localeCompare(b.IP ?? '') || a.Type.localeCompare(b.Type),
  );
  const ranges: Range[] = [];
  const singles: string[] = [];
  for (const port of sorted) {
    if ((port.PublicPort ?? 0) !== 0 && port.PublicPort !== port.PrivatePort) {
      singles.push(`${address(port.IP)}:${String(port.PublicPort)}->${String(port.PrivatePort)}/${port.Type}`);
      continue;
    }
    const key = port.PublicPort === undefined || port.PublicPort === 0 ? port.Type : `${port.IP ?? ''}/${port.Type}`;
    const open = ranges.findLast((range) => range.key === key);
    if (open?.last === port.PrivatePort - 1) open.last = port.PrivatePort;
    else if (open?.last !== port.PrivatePort)
      ranges.push({ key, first: port.PrivatePort, last: port.PrivatePort, port });
  }
  return [...ranges.map(showRange), ...singles].join(', ');
}

interface Range {
  readonly key: string;
  readonly first: number;
  last: number;
  readonly port: PortSummary;
}

function showRange({ first, last, port }: Range): string {
  const span = first === last ? String(first) : `${String(first)}-${String(last)}`;
  if ((port.PublicPort ?? 0) === 0) return `${span}/${port.Type}`;
  return `${address(port.IP)}:${span}->${span}/${port.Type}`;
}

function address(ip: string | undefined): string {
  return ip?.includes(':') === true ? `[${ip}]` : (ip ?? '');
}
