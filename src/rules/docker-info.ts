import { defaultIsolationOf } from './host-profile.js';
import { engine, parseEngineVersion } from './engine-version.js';
import { factsOfBuild } from './data/builds.js';
import type { HostProfile, IsolationMode } from './model.js';

/** What `/info`, `/version` and the registry of a container say of the host. Keys of the first five as in the Docker API. */
export interface HostInfo {
  readonly Isolation: IsolationMode;
  readonly OSType: 'windows';
  /** Three parts: `10.0.18363`. */
  readonly OSVersion: string;
  readonly OperatingSystem: string;
  readonly KernelVersion: string;
  /** Registry value `ProductName`. Windows 11's still says "Windows 10". */
  readonly productName: string;
  /** Registry value `EditionID`. */
  readonly editionId: string;
  /** Registry value `ReleaseId`: `2009` from 20H2 on. */
  readonly releaseId: string;
  /** Registry value `DisplayVersion`; absent before 20H2. */
  readonly displayVersion?: string;
  /** Registry value `BuildLabEx`; absent where unknown. */
  readonly buildLabEx?: string;
  /** Registry value `ProductType` of ProductOptions. */
  readonly productType: 'ServerNT' | 'WinNT';
}

/**
 * The host as Docker shows it. Sources: moby pkg/parsers/operatingsystem/operatingsystem_windows.go (PR 43321 for 23.0), pkg/parsers/kernel,
 * cli/command/system/info.go.
 */
export function describeHost(host: HostProfile): HostInfo {
  const facts = factsOfBuild(host.build);
  const displayVersion = /^[0-9]{2}H[12]$/u.test(host.version) ? host.version : undefined;
  const releaseId = displayVersion === undefined ? host.version : '2009';
  const names = registryNames(host);
  return {
    Isolation: defaultIsolationOf(host),
    OSType: 'windows',
    OSVersion: `10.0.${String(host.build)}`,
    OperatingSystem: operatingSystem({ host, productName: names.productName, releaseId, displayVersion }),
    KernelVersion: `10.0 ${String(host.build)} (${facts?.label ?? `${String(host.build)}.1.amd64fre`})`,
    ...names,
    releaseId,
    ...(displayVersion === undefined ? {} : { displayVersion }),
    ...(facts?.label === undefined ? {} : { buildLabEx: facts.label }),
    productType: host.kind === 'server' ? 'ServerNT' : 'WinNT',
  };
}

interface Named {
  readonly host: HostProfile;
  readonly productName: string;
  readonly releaseId: string;
  readonly displayVersion: string | undefined;
}

function operatingSystem({ host, productName, releaseId, displayVersion }: Named): string {
  const revision = host.revision === undefined ? '' : `.${String(host.revision)}`;
  const build = `(OS Build ${String(host.build)}${revision})`;
  if (parseEngineVersion(host.engine) < engine(23, 0)) return `${productName} Version ${releaseId} ${build}`;
  const server = host.kind === 'server' ? ' Server' : '';
  return `Microsoft Windows${server} Version ${displayVersion ?? releaseId} ${build}`;
}

function registryNames(host: HostProfile): { productName: string; editionId: string } {
  if (host.kind === 'client') return { productName: `Windows 10 ${host.edition}`, editionId: editionIds[host.edition] };
  // Releases of the long-term channel have a year in their name; the others are just "Windows Server".
  const year = /Server (?<year>[0-9]{4})$/u.exec(host.name)?.groups?.['year'];
  const product = year === undefined ? 'Windows Server' : `Windows Server ${year}`;
  return { productName: `${product} ${host.edition}`, editionId: editionIds[host.edition] };
}

const editionIds: Readonly<Record<HostProfile['edition'], string>> = {
  Standard: 'ServerStandard',
  Datacenter: 'ServerDatacenter',
  Pro: 'Professional',
  Enterprise: 'Enterprise',
  'IoT Enterprise': 'IoTEnterprise',
  'IoT Core': 'IoTUAP',
};
