import { isIPv6 } from 'node:net';
import { WindowboxError } from '../errors/index.js';

/** A subnet of IPv6 as numbers: first address and length of the prefix. */
export interface Subnet6 {
  readonly base: bigint;
  readonly prefix: number;
}

/** @throws WindowboxError `invalid-argument` for what is no IPv6 subnet between /8 and /126. */
export function parseSubnet6(text: string): Subnet6 {
  const [address = '', length = '', more] = text.split('/');
  const number = parseAddress6(address);
  const prefix = /^\d{1,3}$/u.test(length) ? Number(length) : Number.NaN;
  if (number === undefined || more !== undefined || !(prefix >= 8 && prefix <= 126))
    throw new WindowboxError('invalid-argument', `invalid subnet ${text} : invalid CIDR block notation`);
  return { base: number - (number % sizeOf6({ prefix })), prefix };
}

/** An address as a number of 128 bits; undefined for anything else, one with a zone included. */
export function parseAddress6(text: string): bigint | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  // The URL standard writes every form alike, those with IPv4 digits at the end too.
  const plain = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const words = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return words.reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n);
}

/** The one spelling of an address (RFC 5952). */
export function formatAddress6(address: bigint): string {
  const words = address.toString(16).padStart(32, '0').match(/.{4}/gu) ?? [];
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1);
}

export function formatSubnet6({ base, prefix }: Subnet6): string {
  return `${formatAddress6(base)}/${String(prefix)}`;
}

export function contains6(subnet: Subnet6, address: bigint): boolean {
  return address >= subnet.base && address < subnet.base + sizeOf6(subnet);
}

export function overlaps6(a: Subnet6, b: Subnet6): boolean {
  return contains6(a, b.base) || contains6(b, a.base);
}

function sizeOf6({ prefix }: Pick<Subnet6, 'prefix'>): bigint {
  return 2n ** BigInt(128 - prefix);
}
