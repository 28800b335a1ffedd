import { WindowboxError } from '../errors/index.js';
import { contains, formatAddress, parseAddress, parseSubnet, sizeOf } from './ipv4.js';
import { contains6, formatAddress6, parseAddress6, parseSubnet6 } from './ipv6.js';
import type { NetworkRecord } from './types.js';

/**
 * An address of a network: the one that is wanted, or the first free one of its range. First, last and gateway are never given.
 *
 * @throws WindowboxError `invalid-argument` for one outside of the subnet, `conflict` for one in use, `resource-exhausted`.
 */
export function allocateAddress(network: NetworkRecord, taken: ReadonlySet<string>, wanted: string): string {
  const subnet = parseSubnet(network.subnet);
  const isFree = (address: number): boolean => {
    const text = formatAddress(address);
    return (
      address > subnet.base &&
      address < subnet.base + sizeOf(subnet) - 1 &&
      text !== network.gateway &&
      !taken.has(text)
    );
  };
  if (wanted !== '') {
    const address = parseAddress(wanted);
    if (address === undefined) throw new WindowboxError('invalid-argument', `invalid IPv4 address: ${wanted}`);
    if (!contains(subnet, address))
      throw new WindowboxError('invalid-argument', `no configured subnet contains IP address ${wanted}`);
    if (!isFree(address)) throw new WindowboxError('conflict', 'Address already in use');
    return wanted;
  }
  const range = network.range === '' ? subnet : parseSubnet(network.range);
  for (let address = range.base; address < range.base + sizeOf(range); address += 1)
    if (isFree(address)) return formatAddress(address);
  throw new WindowboxError(
    'resource-exhausted',
    "no available IPv4 addresses on this network's address pools: " + network.name,
  );
}

/**
 * The same for IPv6; undefined in a network without it.
 *
 * @throws WindowboxError as above.
 */
export function allocateAddress6(
  { ipv6 }: NetworkRecord,
  taken: ReadonlySet<string>,
  wanted: string,
): string | undefined {
  const address = parseAddress6(wanted);
  if (wanted !== '' && address === undefined)
    throw new WindowboxError('invalid-argument', `invalid IPv6 address: ${wanted}`);
  const subnet = ipv6 === undefined ? undefined : parseSubnet6(ipv6.subnet);
  if (address !== undefined && (subnet === undefined || !contains6(subnet, address)))
    throw new WindowboxError('invalid-argument', `no configured subnet contains IP address ${wanted}`);
  if (subnet === undefined) return undefined;
  const isFree = (text: string): boolean => text !== ipv6?.gateway && !taken.has(text);
  if (address !== undefined) {
    if (!isFree(formatAddress6(address)) || address === subnet.base)
      throw new WindowboxError('conflict', 'Address already in use');
    return formatAddress6(address);
  }
  for (let next = subnet.base + 1n; contains6(subnet, next); next += 1n)
    if (isFree(formatAddress6(next))) return formatAddress6(next);
  throw new WindowboxError('resource-exhausted', 'no available IPv6 addresses on this network');
}

/** A locally administered address that follows from the IPv4 address, as Docker makes them: no two in a network are the same. */
export function macOf(address: string): string {
  const parts = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '42', ...parts].join(':');
}
