import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno, WindowboxError } from '../../errors/index.js';
import { atomicWrite, configurationPath } from '../../platform/index.js';
import { type HostProfile, hostOfConfiguration, type HostSetting } from '../../rules/index.js';

/**
 * The host that the daemon presents, read from its configuration file: no daemon is needed.
 *
 * @throws WindowboxError `invalid-argument` when the file is no JSON object, or as `hostOfConfiguration`.
 */
export async function readConfiguredHost(): Promise<HostProfile> {
  return hostOfConfiguration(await readConfiguration(configurationPath()));
}

/** Writes the key `host`, keeps every other key. */
export async function writeConfiguredHost(host: HostSetting): Promise<void> {
  const path = configurationPath();
  const configuration = await readConfiguration(path);
  hostOfConfiguration({ host });
  await mkdir(dirname(path), { recursive: true });
  await atomicWrite(path, `${JSON.stringify({ ...configuration, host }, undefined, 2)}\n`, 0o644);
}

async function readConfiguration(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isRecord(value)) return value;
    throw new WindowboxError('invalid-argument', `Cannot read configuration "${path}": not a JSON object`);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return {};
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new WindowboxError('invalid-argument', `Cannot read configuration "${path}": ${cause.message}`, { cause });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
