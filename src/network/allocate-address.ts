import { WindowboxError } from '../errors/index.js';
import { contains, formatAddress, parseAddress, parseSubnet, sizeOf } from './ipv4.js';
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

/** A locally administered address that follows from the IPv4 address, as Docker makes them: no two in a network are the same. */
export function macOf(address: string): string {
  const parts = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '42', ...parts].join(':');
}
