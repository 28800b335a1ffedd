import { WindowboxError } from '../errors/index.js';

/** A subnet as numbers: first address and length of the prefix. */
export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** @throws WindowboxError `invalid-argument` for what is no IPv4 subnet between /8 and /30. */
export function parseSubnet(text: string): Subnet {
  const match = /^(?<address>[\d.]+)\/(?<prefix>\d{1,2})$/u.exec(text);
  const address = parseAddress(match?.groups?.['address'] ?? '');
  const prefix = Number(match?.groups?.['prefix']);
  if (address === undefined || !(prefix >= 8 && prefix <= 30))
    throw new WindowboxError('invalid-argument', `invalid subnet ${text} : invalid CIDR block notation`);
  return { base: first(address, prefix), prefix };
}

/** An IPv4 address as a number of 32 bits; undefined for anything else. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/u.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.base)}/${String(subnet.prefix)}`;
}

export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.base && address < subnet.base + sizeOf(subnet);
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return contains(a, b.base) || contains(b, a.base);
}

/** Count of addresses. */
export function sizeOf(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefix);
}

function first(address: number, prefix: number): number {
  const size = 2 ** (32 - prefix);
  return Math.floor(address / size) * size;
}
