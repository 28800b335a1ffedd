import { isIP } from 'node:net';

/** Checks of single flag values; each gives Docker's words for what is wrong, or undefined. */
export function checkEnv(value: string): string | undefined {
  return value === '' || value.startsWith('=') ? `invalid environment variable: ${value}` : undefined;
}

export function checkLabel(value: string): string | undefined {
  return value.startsWith('=') || value === '' ? `invalid label '${value}': empty name` : undefined;
}

export function checkStream(value: string): string | undefined {
  const known = ['stdin', 'stdout', 'stderr'].includes(value.toLowerCase());
  return known ? undefined : 'valid streams are STDIN, STDOUT and STDERR';
}

export function checkAddress(value: string): string | undefined {
  return isIP(value.trim()) === 0 ? `IP address is not correctly formatted: ${value}` : undefined;
}

export function checkAddHost(value: string): string | undefined {
  const [name, address] = splitHost(value);
  if (name === '' || address === '') return `bad format for add-host: "${value}"`;
  if (address === 'host-gateway' || isIP(address.replace(/^\[|\]$/gu, '')) !== 0) return undefined;
  return `invalid IP address in add-host: "${address}"`;
}

/** `name:address` or `name=address`. */
export function splitHost(value: string): readonly [name: string, address: string] {
  const at = value.includes('=') ? value.indexOf('=') : value.indexOf(':');
  return at === -1 ? ['', ''] : [value.slice(0, at), value.slice(at + 1)];
}
